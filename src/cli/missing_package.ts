/** Node's words for a package that is not there, imported or required. */
const MISSING = /^Cannot find (?:package|module) '((?:@[^/'\\]+\/)?[^./'\\:][^/'\\:]*)['/]/;

/** The name of the package for want of which an import failed; undefined for any other error, files included. */
export function missingPackage(error: unknown): string | undefined {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND' ? MISSING.exec(message)?.[1] : undefined;
}
