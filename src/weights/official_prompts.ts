import { MapleError } from '../../layers/errors.js';

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
