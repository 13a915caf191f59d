import { MapleError } from '../../layers/errors.js';

/** A repository of the hub and, where it was given with the name, the revision. */
export interface HubName {
  /** `owner/name`. */
  repo: string;
  /** A branch, tag or commit. */
  revision?: string;
}

const HUB_NAME = /^([A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*)(?:@(.+))?$/;
const WEIGHT_FILE = /\.(safetensors|pt|pth|bin)$/i;
/** As git allows a branch's name, more or less: no part may be empty or begin with a dot. */
const REVISION = /^(?!.*(^|\/)\.)(?!.*\/\/)[\w][\w./-]*(?<![/.])$/;

/** Whether a text can be the name of a repository: `owner/name` or `owner/name@revision`, and no weight file's path. */
export function isHubName(text: string): boolean {
  return HUB_NAME.test(text) && !WEIGHT_FILE.test(text);
}

/**
 * The parts of a hub name.
 * @throws MapleError when it is none, or the revision cannot be a branch, tag or commit
 */
export function parseHubName(text: string, revision?: string): HubName {
  const match = HUB_NAME.exec(text);
  if (match === null) {
    throw new MapleError(`A hub name must be owner/name, e.g. openai/clip-vit-base-patch16. Received: "${text}".`);
  }
  const asked = revision ?? match[2];
  if (asked !== undefined && !REVISION.test(asked)) {
    throw new MapleError(`\`revision\` of ${match[1]} must be a branch, tag or commit. Received: "${asked}".`);
  }
  return { repo: match[1], revision: asked };
}
