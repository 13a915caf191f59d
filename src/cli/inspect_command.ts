import type { Command } from 'commander';
import type { Inspection } from '../node/inspect.js';
import { print, printJson } from './output.js';

/** `tfjs-maple inspect`. */
export function addInspect(program: Command): void {
  program
    .command('inspect')
    .description('say what a file or folder is: weights, checkpoint, prompts, model or record')
    .argument('<path>', 'a .safetensors, .pt, .bin or .pth.tar file, a record, or a folder')
    .option('--tensors', 'list every tensor with its type and shape')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Nothing in a file is run, and of weights only the header is read.

Examples:
  tfjs-maple inspect model.pth.tar-5 --tensors
  tfjs-maple inspect runs/pets/prompts
  tfjs-maple inspect ViT-B-16.pt --json`,
    )
    .action(run);
}

async function run(path: string, { tensors, json }: { tensors?: boolean; json?: boolean }): Promise<void> {
  const { inspect } = await import('../node/inspect.js');
  const found = await inspect(path);
  if (json) {
    const { tensors: entries, ...rest } = found;
    await printJson(tensors ? found : { ...rest, tensors: entries.length });
    return;
  }
  await print(`${linesOf(found, tensors ?? false).join('\n')}\n`);
}

function linesOf(found: Inspection, withTensors: boolean): string[] {
  const { path, what, facts, tensors, parameters, bytes } = found;
  const count = (value: number): string => value.toLocaleString('en');
  return [
    `${path}: ${what}`,
    ...Object.entries(facts)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `  ${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`),
    ...(tensors.length > 0 ? [`  tensors: ${count(tensors.length)}, ${count(parameters)} numbers`] : []),
    ...(bytes === undefined ? [] : [`  bytes: ${count(bytes)}`]),
    ...(withTensors ? tensors.map(({ name, dtype, shape }) => `  ${name} ${dtype} [${shape.join(', ')}]`) : []),
  ];
}
