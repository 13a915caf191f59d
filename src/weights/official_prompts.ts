import { MapleError } from '../../layers/errors.js';
import type { PromptDesign } from '../prompting/design.js';

/** A trained tensor under the official code's name and under ours. */
export interface OfficialRow {
  /** E.g. `prompt_learner.proj.weight`. */
  official: string;
  /** E.g. `coupler_0/kernel`. */
  name: string;
  /** Whether the axes are swapped: PyTorch's linear maps are [out, in]. */
  transposed: boolean;
}

/**
 * Every tensor that a design trains, as the official code names it in a whole model. It has no unified coupler; one is
 * named once a depth, so that copies of it do the same work.
 */
export function officialRows(design: PromptDesign): OfficialRow[] {
  const coupled = design.coupling !== 'none';
  const blocks = (depth: number): number[] => Array.from({ length: depth }, (_, block) => block);
  const text = (block: number): string =>
    block === 0
      ? 'prompt_learner.ctx'
      : coupled
        ? `prompt_learner.compound_prompts_text.${block - 1}`
        : `text_encoder.transformer.resblocks.${block}.VPT_shallow`;
  const vision = (block: number): string =>
    block === 0 ? 'image_encoder.VPT' : `image_encoder.transformer.resblocks.${block}.VPT_shallow`;
  const coupler = (block: number): string =>
    `prompt_learner.${block === 0 ? 'proj' : `compound_prompt_projections.${block - 1}`}`;
  const linear = (official: string, name: string): OfficialRow[] => [
    { official: `${official}.weight`, name: `${name}/kernel`, transposed: true },
    { official: `${official}.bias`, name: `${name}/bias`, transposed: false },
  ];
  const prompt = (tower: string, block: number, official: string): OfficialRow => ({
    official,
    name: `${tower}/prompt_${block}/prompt`,
    transposed: false,
  });
  return [
    ...blocks(design.textDepth).map((block) => prompt('text', block, text(block))),
    ...blocks(design.visionDepth).flatMap((block) =>
      coupled
        ? linear(coupler(block), design.coupling === 'unified' ? 'coupler' : `coupler_${block}`)
        : [prompt('vision', block, vision(block))],
    ),
    ...(design.conditioning === 'metaNet'
      ? [
          ...linear('prompt_learner.meta_net.linear1', 'meta_net/hidden'),
          ...linear('prompt_learner.meta_net.linear2', 'meta_net/out'),
        ]
      : []),
  ];
}

/** Whether a name is of a tensor that the official code trains. */
export function isOfficialPrompt(official: string): boolean {
  return PATTERNS.some(([pattern]) => pattern.test(official));
}

/**
 * The library's name of a trained tensor of the official MaPLe code, and whether its axes are swapped (PyTorch's
 * linear maps are [out, in]).
 * @param official - e.g. `prompt_learner.compound_prompts_text.0`
 * @param unified - one coupler for all depths
 * @throws MapleError when it is none of the official names
 */
export function officialPromptName(official: string, unified: boolean): { name: string; transposed: boolean } {
  for (const [pattern, target] of PATTERNS) {
    const match = pattern.exec(official);
    if (match) {
      const name = target(Number(match[1] ?? 0));
      return {
        name: unified ? name.replace(/^coupler_\d+/, 'coupler') : name,
        transposed: name.endsWith('/kernel'),
      };
    }
  }
  throw new MapleError(`"${official}" must be a trained tensor of the official code (prompt_learner.ctx, ...).`);
}

const PATTERNS: [RegExp, (index: number) => string][] = [
  [/^prompt_learner\.ctx$/, () => 'text/prompt_0/prompt'],
  [/^prompt_learner\.compound_prompts_text\.(\d+)$/, (i) => `text/prompt_${i + 1}/prompt`],
  [/^prompt_learner\.proj\.weight$/, () => 'coupler_0/kernel'],
  [/^prompt_learner\.proj\.bias$/, () => 'coupler_0/bias'],
  [/^prompt_learner\.compound_prompt_projections\.(\d+)\.weight$/, (i) => `coupler_${i + 1}/kernel`],
  [/^prompt_learner\.compound_prompt_projections\.(\d+)\.bias$/, (i) => `coupler_${i + 1}/bias`],
  [/^prompt_learner\.meta_net\.linear1\.weight$/, () => 'meta_net/hidden/kernel'],
  [/^prompt_learner\.meta_net\.linear1\.bias$/, () => 'meta_net/hidden/bias'],
  [/^prompt_learner\.meta_net\.linear2\.weight$/, () => 'meta_net/out/kernel'],
  [/^prompt_learner\.meta_net\.linear2\.bias$/, () => 'meta_net/out/bias'],
  [/^image_encoder\.VPT$/, () => 'vision/prompt_0/prompt'],
  [/^image_encoder\.transformer\.resblocks\.(\d+)\.VPT_shallow$/, (i) => `vision/prompt_${i}/prompt`],
  [/^text_encoder\.transformer\.resblocks\.(\d+)\.VPT_shallow$/, (i) => `text/prompt_${i}/prompt`],
];
