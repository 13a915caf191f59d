/** Whether a layer holds what is learned: prompts, couplers, the meta-net. */
export function isPromptLayer(name: string): boolean {
  return /^(text\/prompt_\d+|vision\/prompt_\d+|coupler(_\d+)?|meta_net)$/.test(name);
}

/** Whether a layer holds what the class names are turned into. */
export function isClassLayer(name: string): boolean {
  return /^text\/(class_tokens|features)$/.test(name);
}

/** Whether no backbone file holds a layer's weights. */
export function isOwnLayer(name: string): boolean {
  return isPromptLayer(name) || isClassLayer(name);
}
