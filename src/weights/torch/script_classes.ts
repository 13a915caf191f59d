import type { TensorAttributes } from './module_tensors.js';
import type { ZipArchive } from './zip_archive.js';

/** The code of one class is some kilobytes; none of it is run. */
const LARGEST_CODE = 2 ** 20;
const MOST_CLASSES = 10_000;

/**
 * Which attributes of a TorchScript archive's classes are parameters and buffers, as the classes' code says in two
 * lists: other tensors, such as attention masks, are attributes that `state_dict()` leaves out.
 * @param archive - of torch.jit.save
 * @param folder - the archive's top folder, with its slash
 * @param classNames - e.g. `__torch__.torch.nn.modules.linear.Linear`
 */
export async function scriptClasses(
  archive: ZipArchive,
  folder: string,
  classNames: Iterable<string>,
): Promise<TensorAttributes> {
  const attributes = new Map<string, Set<string>>();
  for (const className of [...classNames].filter((name) => name.startsWith('__torch__.')).slice(0, MOST_CLASSES)) {
    const parts = className.split('.');
    const record = `${folder}code/${parts.slice(0, -1).join('/')}.py`;
    if (archive.size(record) !== undefined) {
      const code = new TextDecoder().decode(await archive.read(record, LARGEST_CODE));
      const listed = tensorAttributes(code, parts[parts.length - 1]);
      if (listed !== undefined) {
        attributes.set(className, listed);
      }
    }
  }
  return (className) => attributes.get(className);
}

function tensorAttributes(code: string, name: string): Set<string> | undefined {
  const start = `\n${code}`.indexOf(`\nclass ${name}(`);
  if (start < 0) {
    return undefined;
  }
  const end = code.indexOf('\nclass ', start + 1);
  const body = code.slice(start, end < 0 ? undefined : end);
  const lists = ['__parameters__', '__buffers__'].map((list) =>
    new RegExp(`^  ${list} = \\[([^\\]]*)\\]`, 'm').exec(body),
  );
  return new Set(lists.flatMap((match) => [...(match?.[1] ?? '').matchAll(/"([^"]*)"/g)].map(([, item]) => item)));
}
