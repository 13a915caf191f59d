import { once } from 'node:events';

/** Writes results to standard output, and waits where whoever reads them is slower than they are made. */
export async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) {
    await once(process.stdout, 'drain');
  }
}

/** The one JSON document that `--json` gives; nothing else is to be written to standard output beside it. */
export async function printJson(document: unknown): Promise<void> {
  await print(`${JSON.stringify(document, undefined, 2)}\n`);
}
