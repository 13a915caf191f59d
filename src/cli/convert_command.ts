import type { Command } from 'commander';
import { ChoiceOption } from './choice_option.js';
import type { BackendName } from '../node/backend.js';
import type { ConvertArgs, Form } from '../node/convert.js';
import { note } from '../node/notes.js';
import { addClassNameOptions, classNamesFor, type ClassNameFlags } from './class_names.js';
import { addBackboneOptions, announceBackend, backendOption, openBackboneFor, type BackboneFlags } from './options.js';
import { print, printJson } from './output.js';

interface ConvertFlags extends BackboneFlags, ClassNameFlags {
  to?: Form;
  prefix?: string;
  classPosition?: ConvertArgs['classPosition'];
  dtype?: ConvertArgs['dtype'];
  force?: boolean;
  json?: boolean;
  backend?: BackendName;
}

/** `tfjs-maple convert`. */
export function addConvert(program: Command): void {
  const command = program
    .command('convert')
    .description('turn weights into another form: checkpoints of the official PyTorch code, prompts, models, backbones')
    .argument('<from>', 'a checkpoint, a folder of prompts or of a model, or a CLIP or SigLIP')
    .argument('<target>', 'the folder or file to write')
    .addOption(
      new ChoiceOption('--to <form>', 'what to write (default: by what <from> is and how <target> ends)').choices([
        'prompts',
        'official',
        'model',
        'folded',
        'backbone',
      ]),
    )
    .option('--prefix <words>', "CTX_INIT of an official checkpoint; '' where its prompts began at random")
    .addOption(
      new ChoiceOption('--class-position <place>', "CLASS_TOKEN_POSITION of CoOp's checkpoint").choices([
        'end',
        'middle',
        'front',
      ]),
    )
    .addOption(
      new ChoiceOption('--dtype <type>', 'how a backbone is stored (default: F32)').choices(['F32', 'F16', 'BF16']),
    )
    .option('--force', 'replace what is at the target')
    .option('--json', 'print one JSON document: what was written')
    .addHelpText(
      'after',
      `
Forms:
  prompts   the folder of savePrompts; the usual form of an official checkpoint
  official  a checkpoint of the official code; the usual form of prompts, and of files that end in .pth.tar-5
  model     a whole tfjs model
  folded    a tfjs model of the image tower alone; the usual form of a model
  backbone  a CLIP or SigLIP in Hugging Face's layout; the usual form of either

Examples:
  tfjs-maple convert model.pth.tar-5 prompts --classes "cat,dog" --backbone ViT-B-16.pt
  tfjs-maple convert model.pth.tar-5 classifier --to folded --classes-file names.txt
  tfjs-maple convert prompts output/seed1
  tfjs-maple convert runs/photos output/seed1
  tfjs-maple convert ViT-B-16.pt clip-vit-b-16 --dtype F16`,
    );
  addClassNameOptions(command, 'names of the classes, in the order of the labels');
  addBackboneOptions(command, 'none: needed for prompts, unless a checkpoint holds its CLIP')
    .addOption(backendOption())
    .action(run);
}

async function run(from: string, target: string, flags: ConvertFlags): Promise<void> {
  const { to, prefix, classPosition, dtype, force, backbone } = flags;
  const classNames = await classNamesFor(flags);
  const { convert } = await import('../node/convert.js');
  await announceBackend(flags.backend);
  const given: ConvertArgs = { to, classNames, prefix, classPosition, dtype, force };
  const opened = backbone === undefined ? {} : { backbone: () => openBackboneFor(flags) };
  const done = await convert(from, target, { ...given, ...opened });
  if (flags.json) {
    await printJson(done);
    return;
  }
  await print(`${done.path}\n`);
  if (done.settings !== undefined) {
    note('The official code must be run with these settings, or it leaves tensors out without a word:');
    note(
      `  ${Object.entries(done.settings)
        .map(([key, value]) => `${key} ${JSON.stringify(value)}`)
        .join(' ')}`,
    );
  } else if (done.to === 'official') {
    note(
      'The official code builds CLIP alone, and these prompts are of other towers. Use the file here, with their backbone.',
    );
  }
}
