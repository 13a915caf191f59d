import { CLIP_IMAGE_STATISTICS as CLIP, SIGLIP_IMAGE_STATISTICS as SIGLIP } from '../clip/config.js';
import type { ClipConfig, ImageStatistics } from '../clip/config.js';
import type { PublishedArchitecture } from './published_architectures.js';

export type Activation = ClipConfig['vision']['activation'];
/** A model: its architecture, open_clip's names of the weights, and how it differs from its family. */
export type Member = [
  architecture: PublishedArchitecture,
  openClip: string | undefined,
  differs?: { activation?: Activation; imageActivation?: Activation; imageStatistics?: ImageStatistics },
];
/** What the models of a publisher, or of a data set, have in common. */
export interface Family {
  family: string;
  licence: string;
  activation: Activation;
  /** The image tower's, where it is another. */
  imageActivation?: Activation;
  imageStatistics: ImageStatistics;
  /** By hub name. */
  members: Record<string, Member>;
}

/**
 * Those of CLIP's form. Sources: open_clip's table of weights (3.3.0), timm's table and the models' cards for licences.
 */
export const CLIP_FAMILIES: readonly Family[] = [
  {
    family: 'OpenAI',
    licence: 'MIT',
    activation: 'quickGelu',
    imageStatistics: CLIP,
    members: {
      'openai/clip-vit-base-patch32': ['vitB32', 'ViT-B-32-quickgelu, openai'],
      'openai/clip-vit-base-patch16': ['vitB16', 'ViT-B-16-quickgelu, openai'],
      'openai/clip-vit-large-patch14': ['vitL14', 'ViT-L-14-quickgelu, openai'],
      'openai/clip-vit-large-patch14-336': ['vitL14At336', 'ViT-L-14-336-quickgelu, openai'],
    },
  },
  {
    family: 'LAION-2B',
    licence: 'MIT',
    activation: 'gelu',
    imageStatistics: CLIP,
    members: {
      'laion/CLIP-ViT-B-32-laion2B-s34B-b79K': ['vitB32', 'ViT-B-32, laion2b_s34b_b79k'],
      'laion/CLIP-ViT-B-16-laion2B-s34B-b88K': ['vitB16', 'ViT-B-16, laion2b_s34b_b88k'],
      'laion/CLIP-ViT-L-14-laion2B-s32B-b82K': [
        'vitL14',
        'ViT-L-14, laion2b_s32b_b82k',
        { imageStatistics: { mean: SIGLIP.mean, deviation: SIGLIP.deviation } },
      ],
      'laion/CLIP-ViT-H-14-laion2B-s32B-b79K': ['vitH14', 'ViT-H-14, laion2b_s32b_b79k'],
      'laion/CLIP-ViT-g-14-laion2B-s12B-b42K': ['vitG14', 'ViT-g-14, laion2b_s12b_b42k'],
      'laion/CLIP-ViT-g-14-laion2B-s34B-b88K': ['vitG14', 'ViT-g-14, laion2b_s34b_b88k'],
      'laion/CLIP-ViT-bigG-14-laion2B-39B-b160k': ['vitBigG14', 'ViT-bigG-14, laion2b_s39b_b160k'],
    },
  },
  {
    family: 'LAION-400M',
    licence: 'MIT',
    activation: 'gelu',
    imageStatistics: CLIP,
    members: {
      'timm/vit_base_patch32_clip_224.laion400m_e32': [
        'vitB32',
        'ViT-B-32-quickgelu, laion400m_e32',
        { activation: 'quickGelu' },
      ],
      'timm/vit_base_patch16_clip_224.laion400m_e32': ['vitB16', 'ViT-B-16, laion400m_e32'],
      'timm/vit_base_patch16_plus_clip_240.laion400m_e31': ['vitB16Plus240', 'ViT-B-16-plus-240, laion400m_e31'],
      'timm/vit_large_patch14_clip_224.laion400m_e32': ['vitL14', 'ViT-L-14, laion400m_e32'],
    },
  },
  {
    family: 'DataComp',
    licence: 'MIT',
    activation: 'gelu',
    imageStatistics: CLIP,
    members: {
      'laion/CLIP-ViT-B-32-DataComp.S-s13M-b4K': ['vitB32', 'ViT-B-32, datacomp_s_s13m_b4k'],
      'laion/CLIP-ViT-B-32-DataComp.M-s128M-b4K': ['vitB32', 'ViT-B-32, datacomp_m_s128m_b4k'],
      'laion/CLIP-ViT-B-32-DataComp.XL-s13B-b90K': ['vitB32', 'ViT-B-32, datacomp_xl_s13b_b90k'],
      'laion/CLIP-ViT-B-32-256x256-DataComp-s34B-b86K': ['vitB32At256', 'ViT-B-32-256, datacomp_s34b_b86k'],
      'laion/CLIP-ViT-B-16-DataComp.L-s1B-b8K': ['vitB16', 'ViT-B-16, datacomp_l_s1b_b8k'],
      'laion/CLIP-ViT-B-16-DataComp.XL-s13B-b90K': ['vitB16', 'ViT-B-16, datacomp_xl_s13b_b90k'],
      'laion/CLIP-ViT-L-14-DataComp.XL-s13B-b90K': ['vitL14', 'ViT-L-14, datacomp_xl_s13b_b90k'],
    },
  },
  {
    family: 'MetaCLIP',
    licence: 'CC-BY-NC-4.0',
    activation: 'quickGelu',
    imageStatistics: CLIP,
    members: {
      'facebook/metaclip-b32-400m': ['vitB32', 'ViT-B-32-quickgelu, metaclip_400m'],
      'facebook/metaclip-b16-400m': ['vitB16', 'ViT-B-16-quickgelu, metaclip_400m'],
      'facebook/metaclip-l14-400m': ['vitL14', 'ViT-L-14-quickgelu, metaclip_400m'],
      'facebook/metaclip-b32-fullcc2.5b': ['vitB32', 'ViT-B-32-quickgelu, metaclip_fullcc'],
      'facebook/metaclip-b16-fullcc2.5b': ['vitB16', 'ViT-B-16-quickgelu, metaclip_fullcc'],
      'facebook/metaclip-l14-fullcc2.5b': ['vitL14', 'ViT-L-14-quickgelu, metaclip_fullcc'],
      'facebook/metaclip-h14-fullcc2.5b': ['vitH14', 'ViT-H-14-quickgelu, metaclip_fullcc'],
      'timm/vit_huge_patch14_clip_224.metaclip_altogether': [
        'vitH14',
        'ViT-H-14, metaclip_altogether',
        { activation: 'gelu' },
      ],
      'timm/vit_gigantic_patch14_clip_224.metaclip_2pt5b': ['vitBigG14', 'ViT-bigG-14-quickgelu, metaclip_fullcc'],
    },
  },
  {
    family: 'DFN',
    licence: 'Apple sample code licence',
    activation: 'quickGelu',
    imageStatistics: CLIP,
    members: {
      'apple/DFN2B-CLIP-ViT-B-16': ['vitB16', 'ViT-B-16-quickgelu, dfn2b'],
      'apple/DFN2B-CLIP-ViT-L-14': ['vitL14', 'ViT-L-14-quickgelu, dfn2b'],
      'apple/DFN2B-CLIP-ViT-L-14-39B': ['vitL14', 'ViT-L-14, dfn2b_s39b', { activation: 'gelu' }],
      'apple/DFN5B-CLIP-ViT-H-14': [
        'vitH14',
        'ViT-H-14-quickgelu, dfn5b',
        { imageStatistics: { ...CLIP, fit: 'squash' } },
      ],
      'apple/DFN5B-CLIP-ViT-H-14-378': [
        'vitH14At378',
        'ViT-H-14-378-quickgelu, dfn5b',
        { imageStatistics: { ...CLIP, fit: 'squash' } },
      ],
    },
  },
];
