import { MapleError } from '../../layers/errors.js';
import { VERSION } from '../version.js';
import { COMMIT, LARGE_FILE_ID, type HubFile, type HubListing } from './hub_cache.js';

/** Whom to ask for what. */
export interface HubAddress {
  /** `owner/name`. */
  repo: string;
  /** A branch, tag or commit. */
  revision: string;
  /** The hub or a mirror of it, without a slash at the end. */
  hubUrl: string;
  token?: string;
}

/** The commit that a revision is, and its files. */
export interface HubAnswer {
  commit: string;
  listing: HubListing;
}

/**
 * Asks the hub what a revision is and holds.
 * @throws MapleError telling what to do when the hub refuses or cannot be reached
 */
export async function askHub(address: HubAddress): Promise<HubAnswer> {
  const { listFiles, modelInfo } = await import('@huggingface/hub');
  const { repo, revision, hubUrl } = address;
  const fetch = hubFetch(address);
  return explained(address, async () => {
    const { sha: commit } = await modelInfo({ name: repo, revision, hubUrl, fetch, additionalFields: ['sha'] });
    if (!COMMIT.test(commit)) {
      throw new MapleError(`${hubUrl} names no commit of ${repo} at ${revision}. Received: ${JSON.stringify(commit)}.`);
    }
    const listing = new Map<string, HubFile>();
    for await (const { type, path, size, oid, lfs } of listFiles({ repo, revision: commit, hubUrl, fetch })) {
      const id = lfs?.oid ?? oid ?? '';
      if (type === 'file' && (COMMIT.test(id) || LARGE_FILE_ID.test(id))) {
        listing.set(path, { size: lfs?.size ?? size, id });
      }
    }
    return { commit, listing };
  });
}

/**
 * Asks for a file from a byte on. The body is to be read or cancelled.
 * @param first - bytes that are there already
 * @throws MapleError telling what to do when the hub refuses or cannot be reached
 */
export async function requestFile(address: HubAddress, file: string, first: number): Promise<Response> {
  const { fileDownloadInfo } = await import('@huggingface/hub');
  const { repo, revision, hubUrl } = address;
  const fetch = hubFetch(address);
  return explained(address, async () => {
    const info = await fileDownloadInfo({ repo, path: file, revision, hubUrl, fetch });
    if (info === null) {
      throw new MapleError(`${hubUrl} no longer has ${file} of ${repo} at ${revision}.`);
    }
    const response = await fetch(info.url, first > 0 ? { headers: { Range: `bytes=${first}-` } } : {});
    if (!response.ok && response.status !== 416) {
      await response.body?.cancel();
      throw new MapleError(explain(address, response.status, response.statusText));
    }
    return response;
  });
}

/** The token goes to the hub alone, never to where it sends on to. */
function hubFetch({ hubUrl, token }: HubAddress): typeof fetch {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const headers = new Headers(init?.headers);
    headers.set('User-Agent', `tfjs-maple/${VERSION}`);
    if (token !== undefined && url.origin === new URL(hubUrl).origin) {
      headers.set('Authorization', `Bearer ${token}`);
    }
    try {
      return await fetch(url, { ...init, headers });
    } catch (error) {
      const cause = (error as Error).cause as Error | undefined;
      throw new MapleError(
        `${url.origin} cannot be reached: ${cause?.message || (error as Error).message}. Check the network and its ` +
          'proxy; a mirror is named by HF_ENDPOINT. What is in the cache can be used offline (HF_HUB_OFFLINE=1).',
        { cause: error },
      );
    }
  };
}

async function explained<T>(address: HubAddress, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof MapleError) {
      throw error;
    }
    const { statusCode, message } = error as { statusCode?: number; message: string };
    const text =
      statusCode === undefined
        ? `${address.hubUrl} gave an answer that is not the hub's: ${message}. Is the address right?`
        : explain(address, statusCode, message);
    throw new MapleError(text, { cause: error });
  }
}

/** What a refusal means, and what to do. */
function explain({ repo, revision, hubUrl, token }: HubAddress, status: number, said: string): string {
  const what = `${repo} at ${revision}`;
  const page = `${hubUrl}/${repo}`;
  switch (status) {
    case 401:
      return token === undefined
        ? `${what} needs a token, or does not exist (401). Check the name; for a private or gated model set HF_TOKEN to ` +
            `a token of an account that may read ${page}.`
        : `${what}: the token is not accepted, or there is no such model (401). Check the name, and that the token ` +
            'in HF_TOKEN is valid.';
    case 403:
      return (
        `${what} is gated (403): accept its conditions at ${page} with your account, and set HF_TOKEN to a token of ` +
        'that account that may read gated models.'
      );
    case 404:
      return `${what} is not on ${hubUrl} (404), nor is there a file or folder of that name here. Check name and revision.`;
    case 429:
      return `${hubUrl} has had too many requests (429). Wait some minutes, or set HF_TOKEN, and try again.`;
    default:
      return `${hubUrl} failed on ${what} (${status}): ${said}. Try again later; what has been downloaded is kept.`;
  }
}
