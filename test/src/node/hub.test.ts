import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { MapleError } from '../../../layers/errors.js';
import { HubCache, hubCacheFolder } from '../../../src/node/hub_cache.js';
import { isHubName, parseHubName } from '../../../src/node/hub_name.js';
import { openHub, type HubArgs } from '../../../src/node/hub.js';
import { HubServer, sendContent } from '../../helpers/hub_server.js';

const COMMIT = 'a'.repeat(40);
const OLDER = 'b'.repeat(40);
const REPO = 'someone/tiny-clip';
const large = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) % 251));
const small = Buffer.from('{"model_type":"clip"}');
const work = mkdtempSync(join(tmpdir(), 'maple-hub-'));
const cache = join(work, 'cache');
const repository = join(cache, 'models--someone--tiny-clip');
const largeId = createHash('sha256').update(large).digest('hex');
const partial = join(repository, 'blobs', `${largeId}.incomplete`);
let environment: NodeJS.ProcessEnv;
let server: HubServer;
let hubUrl: string;

beforeAll(() => {
  for (const name of ['HF_TOKEN', 'HUGGING_FACE_HUB_TOKEN', 'HF_HUB_OFFLINE', 'HF_ENDPOINT']) {
    delete process.env[name];
  }
  environment = { ...process.env };
});

beforeEach(async () => {
  rmSync(cache, { recursive: true, force: true });
  server = new HubServer();
  server.repos.set(REPO, [
    { commit: COMMIT, refs: ['main', 'topic/x'], files: { 'config.json': small, 'model.safetensors': large } },
    { commit: OLDER, refs: ['v1'], files: { 'config.json': Buffer.from('{"old":1}') } },
  ]);
  hubUrl = await server.start();
});

afterEach(async () => {
  process.env = { ...environment };
  await server.stop();
});

afterAll(() => rmSync(work, { recursive: true }));

const open = (args: HubArgs = {}, name = REPO) => openHub(name, { cache, hubUrl, progress: null, ...args });
const fetchLarge = async (args: HubArgs = {}): Promise<Buffer> =>
  readFileSync(await (await open(args)).path('model.safetensors'));
/** The bodies of the large file that were asked for, by their Range. */
const bodies = (): (string | undefined)[] =>
  server.requests
    .filter(({ url, range }) => url.endsWith('model.safetensors') && range !== 'bytes=0-0')
    .map(({ range }) => range);

describe('openHub', () => {
  test('knows the files, fetches one when it is asked for, and keeps it as Hugging Face’s libraries do', async () => {
    const files = await open();
    expect([...files.names].sort()).toEqual(['config.json', 'model.safetensors']);
    expect([files.name, files.sha256?.('model.safetensors'), files.sha256?.('config.json')]).toEqual([
      REPO,
      largeId,
      undefined,
    ]);
    expect(bodies()).toEqual([]);
    const path = await files.path('model.safetensors');
    expect(path).toBe(join(repository, 'snapshots', COMMIT, 'model.safetensors'));
    expect(readFileSync(path).equals(large)).toBe(true);
    expect(readdirSync(join(repository, 'blobs'))).toEqual([largeId]);
    expect(readFileSync(join(repository, 'refs', 'main'), 'utf8')).toBe(COMMIT);
    expect(existsSync(join(repository, 'snapshots', COMMIT, 'config.json'))).toBe(false);
  });

  test('makes no request for what is in the cache', async () => {
    await fetchLarge();
    await (await open()).path('config.json');
    server.requests.length = 0;
    expect((await fetchLarge()).equals(large)).toBe(true);
    expect(readFileSync(await (await open({ revision: COMMIT })).path('config.json')).equals(small)).toBe(true);
    expect(server.requests).toEqual([]);
  });

  test('takes a branch, a tag or a commit, as an option or behind the name', async () => {
    const config = async (name: string, args: HubArgs = {}) =>
      readFileSync(await (await open(args, name)).path('config.json'), 'utf8');
    expect(await config(REPO, { revision: 'v1' })).toBe('{"old":1}');
    expect(await config(`${REPO}@v1`)).toBe('{"old":1}');
    expect(await config(REPO, { revision: OLDER })).toBe('{"old":1}');
    expect(await config(REPO, { revision: 'topic/x' })).toBe(small.toString());
    expect((await open({}, `${REPO}@v1`)).name).toBe(`${REPO}@v1`);
    await expect(open({ revision: 'v2' })).rejects.toThrow(
      /someone\/tiny-clip at v2 is not on http.* Check name and rev/,
    );
    await expect(open({ revision: '../../x' })).rejects.toThrow(/`revision` of .* must be a branch, tag or commit/);
  });

  test('follows a branch that moved on only when asked to', async () => {
    await (await open()).path('config.json');
    const moved = { commit: 'c'.repeat(40), refs: ['main'], files: { 'config.json': Buffer.from('{"new":1}') } };
    server.repos.set(REPO, [moved]);
    const text = async (args: HubArgs): Promise<string> =>
      readFileSync(await (await open(args)).path('config.json'), 'utf8');
    expect(await text({})).toBe(small.toString());
    expect(await text({ update: true })).toBe('{"new":1}');
    expect(await text({})).toBe('{"new":1}');
  });

  test('sends the token of the option or the environment to the hub', async () => {
    await open({ token: 'hf_option' });
    expect(server.requests.map(({ authorization }) => authorization)).toEqual(Array(2).fill('Bearer hf_option'));
    server.requests.length = 0;
    Object.assign(process.env, { HF_TOKEN: 'hf_environment', HF_ENDPOINT: `${hubUrl}/` });
    await openHub(REPO, { cache, update: true, progress: null });
    expect(server.requests.map(({ authorization }) => authorization)).toEqual(Array(2).fill('Bearer hf_environment'));
  });

  test('shows progress', async () => {
    const shown = new PassThrough();
    server.repos.get(REPO)![0].files['model.safetensors'] = Buffer.alloc(6_000_000, 1);
    await (await open({ progress: shown })).path('model.safetensors');
    expect(String(shown.read())).toMatch(/^Downloading someone\/tiny-clip\/model.safetensors .*100% +6.0 MB\/6.0 MB/s);
  });
});

describe('offline', () => {
  test.each([
    ['the option', () => ({ offline: true })],
    [
      'HF_HUB_OFFLINE',
      () => {
        process.env.HF_HUB_OFFLINE = '1';
        return {};
      },
    ],
  ])('by %s, the cache is used alone', async (_, args) => {
    await fetchLarge();
    server.requests.length = 0;
    const files = await open(args());
    expect(readFileSync(await files.path('model.safetensors')).equals(large)).toBe(true);
    await expect(files.path('config.json')).rejects.toThrow(
      `config.json of ${REPO} is not in the cache (${repository}), and the hub is not asked (offline).`,
    );
    await expect(open({ ...args(), revision: 'v1' })).rejects.toThrow(
      `${REPO} at v1 is not in the cache (${repository}), and the hub is not asked (offline). Load it once`,
    );
    expect(server.requests).toEqual([]);
  });

  test('a cache that Hugging Face’s Python library filled is read', async () => {
    const snapshot = join(repository, 'snapshots', COMMIT);
    mkdirSync(snapshot, { recursive: true });
    mkdirSync(join(repository, 'refs'));
    mkdirSync(join(repository, 'blobs'));
    writeFileSync(join(repository, 'refs', 'main'), COMMIT);
    writeFileSync(join(repository, 'blobs', largeId), large);
    symlinkSync(`../../blobs/${largeId}`, join(snapshot, 'model.safetensors'));
    const files = await open({ offline: true });
    expect([...files.names]).toEqual(['model.safetensors']);
    expect(readFileSync(await files.path('model.safetensors')).equals(large)).toBe(true);
    expect((await fetchLarge()).equals(large)).toBe(true);
    expect(bodies()).toEqual([]);
  });
});

describe('a download', () => {
  /** Sends some bytes and breaks the connection. */
  const breakAfter = (bytes: number, times: number): void => {
    server.intercept = (_, request, response, content) => {
      if (times-- <= 0) {
        return false;
      }
      const start = Number(/\d+/.exec(request.headers.range ?? '0')![0]);
      const total = start > 0 ? { 'Content-Range': `bytes ${start}-${content.length - 1}/${content.length}` } : {};
      response.writeHead(start > 0 ? 206 : 200, { 'Content-Length': content.length - start, ...total });
      response.write(content.subarray(start, start + bytes), () => setTimeout(() => response.destroy(), 100));
      return true;
    };
  };

  test('that breaks off is taken up where it stopped', async () => {
    breakAfter(100_000, 2);
    expect((await fetchLarge()).equals(large)).toBe(true);
    expect(bodies()).toEqual([undefined, 'bytes=100000-', 'bytes=200000-']);
  });

  test('that gets no further is kept, and gone on with by the next call', async () => {
    let cut = 0;
    server.intercept = (_, __, response, content) => {
      response.writeHead(cut === 0 ? 200 : 206, {
        'Content-Length': content.length - cut,
        ...(cut > 0 ? { 'Content-Range': `bytes ${cut}-${content.length - 1}/${content.length}` } : {}),
      });
      response.write(cut === 0 ? content.subarray(0, 70_000) : '', () => setTimeout(() => response.destroy(), 100));
      if (cut > 0) {
        response.flushHeaders();
      }
      cut = 70_000;
      return true;
    };
    await expect(fetchLarge()).rejects.toThrow(
      /download of model.safetensors of someone\/tiny-clip broke off at byte 70000 of 300000: .* goes on from there/,
    );
    expect(existsSync(join(repository, 'snapshots', COMMIT, 'model.safetensors'))).toBe(false);
    expect(readdirSync(join(repository, 'blobs'))).toEqual([`${largeId}.incomplete`]);
    await expect(fetchLarge({ offline: true })).rejects.toThrow(/not in the cache/);
    server.intercept = () => false;
    server.requests.length = 0;
    expect((await fetchLarge()).equals(large)).toBe(true);
    expect(bodies()).toEqual(['bytes=70000-']);
    expect(existsSync(partial)).toBe(false);
  });

  test('starts anew with a server that knows no ranges', async () => {
    await open();
    mkdirSync(join(repository, 'blobs'), { recursive: true });
    writeFileSync(partial, large.subarray(0, 50_000));
    server.intercept = (_, request, response, content) => {
      delete request.headers.range;
      sendContent(request, response, content);
      return true;
    };
    expect((await fetchLarge()).equals(large)).toBe(true);
  });

  test.each<[string, Buffer]>([
    ['of another content', Buffer.from(large).fill(0, 5, 10)],
    ['that is too long', Buffer.concat([large, large])],
  ])('%s is thrown away', async (_, sent) => {
    server.intercept = (__, request, response) => {
      sendContent(request, response, sent);
      return true;
    };
    await expect(fetchLarge()).rejects.toThrow(
      /What http\S+ sent as model.safetensors of someone\/tiny-clip is not the file it announced: .* thrown away/,
    );
    expect(readdirSync(join(repository, 'blobs'))).toEqual([]);
    await expect(fetchLarge({ offline: true })).rejects.toThrow(/not in the cache/);
  });

  test('of a small file is checked too', async () => {
    server.intercept = (_, request, response) => {
      sendContent(request, response, Buffer.from('{"model_type":"evil"}'));
      return true;
    };
    await expect((await open()).path('config.json')).rejects.toThrow(
      /is not the file it announced: its digest must be/,
    );
  });

  test('whose partial file is not a beginning of it fails once and is then made anew', async () => {
    await open();
    mkdirSync(join(repository, 'blobs'), { recursive: true });
    writeFileSync(partial, Buffer.alloc(1000, 9));
    await expect(fetchLarge()).rejects.toThrow(/digest must be/);
    expect((await fetchLarge()).equals(large)).toBe(true);
  });

  test('a file in the cache that was cut short is fetched again', async () => {
    await fetchLarge();
    writeFileSync(join(repository, 'blobs', largeId), large.subarray(0, 10));
    expect((await fetchLarge()).equals(large)).toBe(true);
  });
});

describe('the hub’s refusals say what to do', () => {
  test.each<[number, HubArgs, RegExp]>([
    [401, {}, /needs a token, or does not exist \(401\).* set HF_TOKEN to a token of an account that may read http/],
    [401, { token: 'hf_x' }, /the token is not accepted, or there is no such model \(401\)/],
    [403, { token: 'hf_x' }, /is gated \(403\): accept its conditions at http\S+\/someone\/tiny-clip/],
    [404, {}, /is not on http\S+ \(404\), nor is there a file or folder of that name here/],
    [429, {}, /too many requests \(429\). Wait/],
    [503, {}, /failed on someone\/tiny-clip at main \(503\).* Try again later/],
  ])('%i', async (status, args, message) => {
    server.refuse = status;
    const opening = open(args);
    await expect(opening).rejects.toThrow(MapleError);
    await expect(opening).rejects.toThrow(message);
    expect(existsSync(repository)).toBe(false);
  });

  test('while a file is fetched', async () => {
    const files = await open();
    server.refuse = 403;
    await expect(files.path('model.safetensors')).rejects.toThrow(/is gated \(403\)/);
  });

  test('a hub that cannot be reached', async () => {
    await server.stop();
    await expect(open()).rejects.toThrow(/http\S+ cannot be reached: .* HF_ENDPOINT.*HF_HUB_OFFLINE=1/);
  });
});

describe('names and places', () => {
  test.each(['openai/clip-vit-base-patch16', 'a/b.c@v1.0', 'laion/CLIP-ViT-H-14@refs/pr/3'])(
    '%s is a hub name',
    (name) => {
      expect(isHubName(name)).toBe(true);
    },
  );

  test.each(['clip', './a/b', '/a/b', 'a/b/c', '../a', 'weights/ViT-B-16.pt', 'a/b.safetensors', 'a/', '~/x'])(
    '%s is a path',
    (name) => expect(isHubName(name)).toBe(false),
  );

  test.each(['a/b@../x', 'a/b@x//y', 'a/b@.x', 'a/b@x/'])('%s has no revision', (name) => {
    expect(() => parseHubName(name)).toThrow(/must be a branch, tag or commit/);
  });

  test('the cache is where the option or the environment says', () => {
    const names = ['HF_HUB_CACHE', 'HUGGINGFACE_HUB_CACHE', 'HF_HOME', 'MAPLE_CACHE'];
    names.forEach((name) => delete process.env[name]);
    process.env.MAPLE_CACHE = '/maple';
    expect(hubCacheFolder()).toBe('/maple/hub');
    process.env.HF_HOME = '/home';
    expect(hubCacheFolder()).toBe('/home/hub');
    process.env.HF_HUB_CACHE = '/hub';
    expect(hubCacheFolder()).toBe('/hub');
    expect(hubCacheFolder('/given')).toBe('/given');
    expect(new HubCache('/given', REPO).folder).toBe('/given/models--someone--tiny-clip');
  });
});
