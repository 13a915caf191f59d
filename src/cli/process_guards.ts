/** What a shell gives for a program that wrote to a pipe that nobody reads any more: 128 + SIGPIPE. */
const BROKEN_PIPE = 141;

/**
 * Lets the process end as programs of a shell do: quietly when whoever reads its output has enough (`| head -1`), and
 * as a defect when an error is nowhere caught.
 * @param onDefect - tells of the error and returns the exit code
 */
export function guardProcess(onDefect: (error: unknown) => number): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      process.exit(error.code === 'EPIPE' ? BROKEN_PIPE : onDefect(error));
    });
  }
  const end = (error: unknown): never => process.exit(onDefect(error));
  process.on('uncaughtException', end).on('unhandledRejection', end);
}
