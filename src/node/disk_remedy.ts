/** What to do about a failed write: a sentence that tells the cause and the way out, for the end of a message. */
export function diskRemedy(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return `the disk is full (${code}). Free some space or choose another folder, and save again.`;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `the folder is not writable (${code}). Give yourself write permission or choose another folder.`;
    case 'ENOTDIR':
    case 'EEXIST':
      return `a part of this path is a file, not a folder (${code}). Choose another path.`;
    case 'EISDIR':
      return `a folder stands where a file is to be written (${code}). Choose another path.`;
    default:
      return `${message}.`;
  }
}
