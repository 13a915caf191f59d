import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import { mustHold } from '../must_hold.js';
import { FIT_ARGS, type FitArgs } from './fit_args.js';
import { HEADS, isHeadKind, type Head, type HeadKind } from './head.js';
import { fitLpPlusPlus } from './lp_plus_plus.js';
import { fitTipAdapter } from './tip_adapter.js';
import { fitTipAdapterF } from './tip_adapter_f.js';

/** What {@link fitHead} is told. */
export interface FitHeadArgs extends FitArgs {
  /** Decides what of a head is drawn: the order of Tip-Adapter-F's pictures, and its folds. Default: 1. */
  seed?: number;
}

const ARGS: SettingNames<FitHeadArgs> = { ...FIT_ARGS, seed: true };

/**
 * Fits a head of a kind on features that are at hand, so that several heads cost the tower one pass.
 *
 * ```ts no-run
 * const train = await pictureFeatures(model, dataset.train);
 * const head = await fitHead('lpPlusPlus', { train, texts: await classTexts(model) });
 * const classifier = await withHead(model, head);
 * ```
 * @throws MapleError when there is no such head, or the features do not fit the texts
 */
export async function fitHead(kind: HeadKind, args: FitHeadArgs): Promise<Head> {
  mustHold('kind', kind, isHeadKind(kind), HEADS.join(', '));
  checkKnown('fitHead', args, ARGS);
  const { seed, ...features } = args;
  return kind === 'tipAdapter'
    ? fitTipAdapter(features)
    : kind === 'tipAdapterF'
      ? fitTipAdapterF({ ...features, seed })
      : fitLpPlusPlus(features);
}
