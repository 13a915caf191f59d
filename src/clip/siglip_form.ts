/** What makes a model SigLIP's form (Zhai et al., ICCV 2023), beside its sizes. */
export const SIGLIP_FORM = {
  vision: { pooling: 'attention', preNorm: false, patchBias: true, projection: false },
  text: { causal: false, pooling: 'last', startToken: false, projectionBias: true },
} as const;
