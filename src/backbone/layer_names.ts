/** Whether a layer holds what is learned: prompts, couplers, the meta-net. */
export function isPromptLayer(name: string): boolean {
  return /^(text\/prompt_\d+|vision\/prompt_\d+|coupler(_\d+)?|meta_net)$/.test(name);
}

/** Whether a layer holds what the class names are turned into. */
export function isClassLayer(name: string): boolean {
  return /^text\/(class_tokens(_\d+)?|features)$/.test(name);
}

/** The name of the source of all class texts, or of those of one chunk. */
export function classTokensName(chunk?: number): string {
  return chunk === undefined ? 'text/class_tokens' : `text/class_tokens_${chunk}`;
}

/** Whether no backbone file holds a layer's weights. */
export function isOwnLayer(name: string): boolean {
  return isPromptLayer(name) || isClassLayer(name);
}
