import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** A repository of a {@link HubServer}: its files by revision, large ones as LFS. */
export interface ServedRepo {
  commit: string;
  /** Branches and tags of this commit. */
  refs: string[];
  files: Record<string, Buffer>;
}

/** Files of at least this many bytes are LFS: named by their SHA-256. */
const LARGE = 1000;

/**
 * A mirror of the hub on this machine, with the endpoints that @huggingface/hub uses; it notes every request and can be
 * told to misbehave.
 */
export class HubServer {
  readonly requests: { method: string; url: string; range?: string; authorization?: string }[] = [];
  readonly repos = new Map<string, ServedRepo[]>();
  /** Called for a file's body; true when it has answered. */
  intercept: (file: string, request: IncomingMessage, response: ServerResponse, content: Buffer) => boolean = () =>
    false;
  /** A status for every request, where it is not to be answered. */
  refuse?: number;
  private readonly server: Server = createServer((request, response) => this.answer(request, response));

  /** Starts, and gives the address. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Serves a folder's files and others beside them as the main branch of a repository. */
  serveFolder(name: string, folder: string, others: Record<string, Buffer>): ServedRepo {
    const files = readdirSync(folder).map((file): [string, Buffer] => [file, readFileSync(join(folder, file))]);
    const repo = { commit: 'd'.repeat(40), refs: ['main'], files: { ...Object.fromEntries(files), ...others } };
    this.repos.set(name, [repo]);
    return repo;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const { method = '', url = '', headers } = request;
    this.requests.push({ method, url, range: headers.range, authorization: headers.authorization });
    request.resume();
    if (this.refuse !== undefined) {
      return send(response, this.refuse, { error: 'refused' });
    }
    const [, api, repo, verb, reference, file] =
      /^\/(api\/models\/)?([^/]+\/[^/]+)\/(revision|tree|resolve)\/([^/?]+)\/?([^?]*)/.exec(url) ?? [];
    const revision = decodeURIComponent(reference ?? '');
    const found = this.repos.get(repo)?.find(({ commit, refs }) => commit === revision || refs.includes(revision));
    if (found === undefined) {
      return send(response, 404, { error: 'Repository not found' });
    }
    if (api && verb === 'revision') {
      return send(response, 200, { _id: 'x', id: repo, sha: found.commit, lastModified: '2026-01-01T00:00:00Z' });
    }
    if (api && verb === 'tree') {
      return send(response, 200, Object.entries(found.files).map(treeEntry));
    }
    const content = found.files[file];
    if (content === undefined) {
      response.setHeader('X-Error-Code', 'EntryNotFound');
      return send(response, 404, { error: 'Entry not found' });
    }
    if (headers.range !== 'bytes=0-0' && this.intercept(file, request, response, content)) {
      return;
    }
    sendContent(request, response, content);
  }
}

/** The whole, or from the byte on that the request's Range names. */
export function sendContent(request: IncomingMessage, response: ServerResponse, content: Buffer): void {
  response.setHeader('ETag', '"etag"');
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  if (range === null) {
    response.writeHead(200, { 'Content-Length': content.length }).end(content);
    return;
  }
  const [start, end] = [Number(range[1]), range[2] === '' ? content.length : Number(range[2]) + 1];
  if (start >= content.length) {
    response.writeHead(416).end();
    return;
  }
  const part = content.subarray(start, end);
  const total = { 'Content-Range': `bytes ${start}-${start + part.length - 1}/${content.length}` };
  response.writeHead(206, { 'Content-Length': part.length, ...total }).end(part);
}

function treeEntry([path, content]: [string, Buffer]): object {
  const digest = (algorithm: string, heading = ''): string =>
    createHash(algorithm).update(heading).update(content).digest('hex');
  const size = content.length;
  const entry = { type: 'file', path, size, oid: digest('sha1', `blob ${size}\0`) };
  return size < LARGE ? entry : { ...entry, lfs: { oid: digest('sha256'), size, pointerSize: 134 } };
}

function send(response: ServerResponse, status: number, json: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(json));
}
