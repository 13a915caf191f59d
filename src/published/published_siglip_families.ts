import { SIGLIP_IMAGE_STATISTICS as SIGLIP } from '../clip/config.js';
import type { Family } from './published_families.js';

/**
 * Those of SigLIP's form. Sources: transformers' conversion scripts of SigLIP and SigLIP 2, open_clip's table of weights
 * (3.3.0) and its configurations, timm's image towers and the models' cards for licences.
 */
export const SIGLIP_FAMILIES: readonly Family[] = [
  {
    family: 'SigLIP',
    licence: 'Apache-2.0',
    activation: 'geluTanh',
    imageStatistics: SIGLIP,
    members: {
      'google/siglip-base-patch16-224': ['siglipBase16At224', 'ViT-B-16-SigLIP, webli'],
      'google/siglip-base-patch16-256': ['siglipBase16At256', 'ViT-B-16-SigLIP-256, webli'],
      'google/siglip-base-patch16-384': ['siglipBase16At384', 'ViT-B-16-SigLIP-384, webli'],
      'google/siglip-base-patch16-512': ['siglipBase16At512', 'ViT-B-16-SigLIP-512, webli'],
      'google/siglip-base-patch16-256-multilingual': [
        'siglipBase16At256Multilingual',
        'ViT-B-16-SigLIP-i18n-256, webli',
      ],
      'google/siglip-large-patch16-256': ['siglipLarge16At256', 'ViT-L-16-SigLIP-256, webli'],
      'google/siglip-large-patch16-384': ['siglipLarge16At384', 'ViT-L-16-SigLIP-384, webli'],
      'google/siglip-so400m-patch14-224': ['siglipSo400m14At224', 'ViT-SO400M-14-SigLIP, webli'],
      'google/siglip-so400m-patch14-384': ['siglipSo400m14At384', 'ViT-SO400M-14-SigLIP-384, webli'],
      // open_clip's ViT-SO400M-16-SigLIP-i18n-256 has no map behind the text tower; this file has the identity there.
      'google/siglip-so400m-patch16-256-i18n': ['siglipSo400m16At256Multilingual', undefined],
    },
  },
  {
    family: 'SigLIP 2',
    licence: 'Apache-2.0',
    activation: 'geluTanh',
    imageStatistics: { ...SIGLIP, filter: 'bilinear' },
    members: {
      'google/siglip2-base-patch32-256': ['siglip2Base32At256', 'ViT-B-32-SigLIP2-256, webli'],
      'google/siglip2-base-patch16-224': ['siglip2Base16At224', 'ViT-B-16-SigLIP2, webli'],
      'google/siglip2-base-patch16-256': ['siglip2Base16At256', 'ViT-B-16-SigLIP2-256, webli'],
      'google/siglip2-base-patch16-384': ['siglip2Base16At384', 'ViT-B-16-SigLIP2-384, webli'],
      'google/siglip2-base-patch16-512': ['siglip2Base16At512', 'ViT-B-16-SigLIP2-512, webli'],
      'google/siglip2-large-patch16-256': ['siglip2Large16At256', 'ViT-L-16-SigLIP2-256, webli'],
      'google/siglip2-large-patch16-384': ['siglip2Large16At384', 'ViT-L-16-SigLIP2-384, webli'],
      'google/siglip2-large-patch16-512': ['siglip2Large16At512', 'ViT-L-16-SigLIP2-512, webli'],
      'google/siglip2-so400m-patch14-224': ['siglip2So400m14At224', 'ViT-SO400M-14-SigLIP2, webli'],
      'google/siglip2-so400m-patch14-384': ['siglip2So400m14At384', 'ViT-SO400M-14-SigLIP2-378, webli'],
      'google/siglip2-so400m-patch16-256': ['siglip2So400m16At256', 'ViT-SO400M-16-SigLIP2-256, webli'],
      'google/siglip2-so400m-patch16-384': ['siglip2So400m16At384', 'ViT-SO400M-16-SigLIP2-384, webli'],
      'google/siglip2-so400m-patch16-512': ['siglip2So400m16At512', 'ViT-SO400M-16-SigLIP2-512, webli'],
      'google/siglip2-giant-opt-patch16-256': ['siglip2GiantOpt16At256', 'ViT-gopt-16-SigLIP2-256, webli'],
      'google/siglip2-giant-opt-patch16-384': ['siglip2GiantOpt16At384', 'ViT-gopt-16-SigLIP2-384, webli'],
    },
  },
  {
    family: 'SigLIP in open_clip’s layout',
    licence: 'Apache-2.0',
    activation: 'gelu',
    imageStatistics: SIGLIP,
    members: {
      'timm/ViT-B-16-SigLIP': ['siglipBase16At224', 'ViT-B-16-SigLIP, webli'],
      'timm/ViT-B-16-SigLIP-256': ['siglipBase16At256', 'ViT-B-16-SigLIP-256, webli'],
      'timm/ViT-B-16-SigLIP-i18n-256': ['siglipBase16At256Multilingual', 'ViT-B-16-SigLIP-i18n-256, webli'],
      'timm/ViT-B-16-SigLIP-384': ['siglipBase16At384', 'ViT-B-16-SigLIP-384, webli'],
      'timm/ViT-B-16-SigLIP-512': ['siglipBase16At512', 'ViT-B-16-SigLIP-512, webli'],
      'timm/ViT-L-16-SigLIP-256': ['siglipLarge16At256', 'ViT-L-16-SigLIP-256, webli'],
      'timm/ViT-L-16-SigLIP-384': ['siglipLarge16At384', 'ViT-L-16-SigLIP-384, webli'],
      'timm/ViT-SO400M-14-SigLIP': ['siglipSo400m14At224', 'ViT-SO400M-14-SigLIP, webli'],
      'timm/ViT-SO400M-14-SigLIP-384': ['siglipSo400m14At384', 'ViT-SO400M-14-SigLIP-384, webli'],
    },
  },
  {
    family: 'SigLIP 2 in open_clip’s layout',
    licence: 'Apache-2.0',
    activation: 'geluTanh',
    imageStatistics: SIGLIP,
    members: {
      'timm/ViT-B-32-SigLIP2-256': ['siglip2Base32At256', 'ViT-B-32-SigLIP2-256, webli'],
      'timm/ViT-B-16-SigLIP2': ['siglip2Base16At224', 'ViT-B-16-SigLIP2, webli', { imageActivation: 'gelu' }],
      'timm/ViT-B-16-SigLIP2-256': ['siglip2Base16At256', 'ViT-B-16-SigLIP2-256, webli', { imageActivation: 'gelu' }],
      'timm/ViT-B-16-SigLIP2-384': ['siglip2Base16At384', 'ViT-B-16-SigLIP2-384, webli', { imageActivation: 'gelu' }],
      'timm/ViT-B-16-SigLIP2-512': ['siglip2Base16At512', 'ViT-B-16-SigLIP2-512, webli', { imageActivation: 'gelu' }],
      'timm/ViT-L-16-SigLIP2-256': ['siglip2Large16At256', 'ViT-L-16-SigLIP2-256, webli', { imageActivation: 'gelu' }],
      'timm/ViT-L-16-SigLIP2-384': ['siglip2Large16At384', 'ViT-L-16-SigLIP2-384, webli', { imageActivation: 'gelu' }],
      'timm/ViT-L-16-SigLIP2-512': ['siglip2Large16At512', 'ViT-L-16-SigLIP2-512, webli'],
      'timm/ViT-SO400M-14-SigLIP2': [
        'siglip2So400m14At224',
        'ViT-SO400M-14-SigLIP2, webli',
        { imageActivation: 'gelu' },
      ],
      'timm/ViT-SO400M-14-SigLIP2-378': [
        'siglip2So400m14At378',
        'ViT-SO400M-14-SigLIP2-378, webli',
        { imageActivation: 'gelu' },
      ],
      'timm/ViT-SO400M-16-SigLIP2-256': ['siglip2So400m16At256', 'ViT-SO400M-16-SigLIP2-256, webli'],
      'timm/ViT-SO400M-16-SigLIP2-384': ['siglip2So400m16At384', 'ViT-SO400M-16-SigLIP2-384, webli'],
      'timm/ViT-SO400M-16-SigLIP2-512': ['siglip2So400m16At512', 'ViT-SO400M-16-SigLIP2-512, webli'],
      'timm/ViT-gopt-16-SigLIP2-256': ['siglip2GiantOpt16At256', 'ViT-gopt-16-SigLIP2-256, webli'],
      'timm/ViT-gopt-16-SigLIP2-384': ['siglip2GiantOpt16At384', 'ViT-gopt-16-SigLIP2-384, webli'],
    },
  },
];
