import type { SettingNames } from '../../layers/known_names.js';
import { rm } from 'node:fs/promises';
import { MapleError } from '../../layers/errors.js';
import type { BackboneFiles } from './backbone_files.js';
import { hasSize, HubCache, hubCacheFolder, LARGE_FILE_ID, type HubFile, type HubListing } from './hub_cache.js';
import { downloadBlob } from './hub_download.js';
import { parseHubName } from './hub_name.js';
import { askHub, type HubAddress } from './hub_requests.js';
import { progressBar } from './progress.js';

/** How the hub is asked; each option goes before its environment variable. */
export interface HubArgs {
  /** Branch, tag or commit. Default: what stands behind an `@` of the name, else `main`. */
  revision?: string;
  /** Folder of the cache, in Hugging Face's layout. Default: HF_HUB_CACHE, HF_HOME/hub, else this library's cache. */
  cache?: string;
  /** Use what is in the cache and make no request. Default: HF_HUB_OFFLINE. */
  offline?: boolean;
  /** Ask whether a branch has moved on since it was first used; else no request is made for what is in the cache. */
  update?: boolean;
  /** For private and gated models. Default: HF_TOKEN or HUGGING_FACE_HUB_TOKEN. */
  token?: string;
  /** The hub, or a mirror of it. Default: HF_ENDPOINT, else https://huggingface.co. */
  hubUrl?: string;
  /** Where progress is shown; null for nowhere. Default: standard error. */
  progress?: NodeJS.WritableStream | null;
}

/** The names of {@link HubArgs}. */
export const HUB_ARGS: SettingNames<HubArgs> = {
  revision: true,
  cache: true,
  offline: true,
  update: true,
  token: true,
  hubUrl: true,
  progress: true,
};

/** Files smaller than this are there before a bar could be read. */
const SHOWN_FROM = 5e6;

/**
 * A repository of the hub as a folder whose files are downloaded when they are asked for. What is in the cache is used
 * without a request; a file is in the cache only when it is complete and has the digest that the hub announced.
 * @throws MapleError when the hub has no such model, refuses it or cannot be reached, or it is not in the cache and the
 * hub is not to be asked
 */
export async function openHub(name: string, args: HubArgs = {}): Promise<BackboneFiles> {
  const { repo, revision = 'main' } = parseHubName(name, args.revision);
  const cache = new HubCache(hubCacheFolder(args.cache), repo);
  const offline = args.offline ?? isOn(process.env.HF_HUB_OFFLINE);
  const hubUrl = (args.hubUrl ?? (process.env.HF_ENDPOINT || 'https://huggingface.co')).replace(/\/+$/, '');
  const token = args.token ?? (process.env.HF_TOKEN || process.env.HUGGING_FACE_HUB_TOKEN || undefined);

  let commit = await cache.commitOf(revision);
  let listing = commit === undefined ? undefined : await cache.listing(commit);
  if (!offline && (args.update === true || listing === undefined)) {
    ({ commit, listing } = await askHub({ repo, revision, hubUrl, token }));
    await cache.keep(revision, commit, listing);
  }
  const names = commit === undefined ? [] : listing ? [...listing.keys()] : await cache.present(commit);
  if (commit === undefined || names.length === 0) {
    throw new MapleError(
      `${repo} at ${revision} is not in the cache (${cache.folder}), and the hub is not asked (offline). ` +
        'Load it once with the network: without `offline` and HF_HUB_OFFLINE.',
    );
  }
  const repository: Repository = { cache, listing, offline, address: { repo, revision: commit, hubUrl, token } };
  return {
    name: revision === 'main' ? repo : `${repo}@${revision}`,
    names: new Set(names),
    remedy: offline
      ? `Only the cache was looked at (offline): ${cache.folder}.`
      : 'Is it a CLIP or SigLIP in the layout of transformers or open_clip?',
    path: (file) => fetchFile(repository, file, args.progress),
    sha256: (file) => {
      const id = listing?.get(file)?.id;
      return id !== undefined && LARGE_FILE_ID.test(id) ? id : undefined;
    },
  };
}

interface Repository {
  cache: HubCache;
  listing: HubListing | undefined;
  offline: boolean;
  /** At a commit. */
  address: HubAddress;
}

async function fetchFile(repository: Repository, file: string, stream?: HubArgs['progress']): Promise<string> {
  const { cache, listing, offline, address } = repository;
  const entry = listing?.get(file);
  const kept = await cache.find(address.revision, file, entry?.size);
  if (kept !== undefined) {
    return kept;
  }
  if (entry === undefined || offline) {
    throw new MapleError(
      `${file} of ${address.repo} is not in the cache (${cache.folder}), and the hub is not asked (offline). ` +
        'Load it once with the network: without `offline` and HF_HUB_OFFLINE.',
    );
  }
  const blob = cache.blob(entry.id);
  if (!(await hasSize(blob, entry.size))) {
    await rm(blob, { force: true });
    await download(address, file, entry, blob, stream);
  }
  return cache.link(address.revision, file, entry.id);
}

async function download(
  address: HubAddress,
  file: string,
  entry: HubFile,
  blob: string,
  stream: HubArgs['progress'],
): Promise<void> {
  if (stream === null || entry.size < SHOWN_FROM) {
    return downloadBlob({ address, file, entry, blob, onBytes: () => undefined });
  }
  const bar = progressBar({
    label: `Downloading ${address.repo}/${file}`,
    total: entry.size,
    amount: megabytes,
    stream,
  });
  try {
    await downloadBlob({ address, file, entry, blob, onBytes: (bytes) => bar.update(bytes) });
  } finally {
    bar.stop();
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function isOn(value: string | undefined): boolean {
  return ['1', 'true', 'yes', 'on'].includes((value ?? '').toLowerCase());
}
