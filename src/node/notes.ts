let silenced = false;

/** Leaves out (or not) all notes and progress bars of this process from now on, as `--quiet` asks. */
export function silenceNotes(on = true): void {
  silenced = on;
}

/** Whether notes and progress bars are left out. */
export function notesAreSilenced(): boolean {
  return silenced;
}

/** Writes a line for the user to standard error, which holds no results. */
export function note(text: string): void {
  if (!silenced) {
    process.stderr.write(`${text}\n`);
  }
}
