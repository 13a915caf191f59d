import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { builtPackage, BUILD_TIMEOUT } from '../helpers/built_package.js';
import { INSTALL_TIMEOUT, UserProject } from '../helpers/user_project.js';

const project = new UserProject();

afterAll(() => project.remove());

test(
  '`npm install <git URL>` builds by itself',
  async () => {
    const repository = join(project.folder, 'repository.git');
    const author = ['-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.com'];
    const git = (...args: string[]) => project.mustRun(['git', ...author, '--git-dir', repository, ...args]);
    await git('init', '--quiet', '--bare');
    // The build and the tarball in that folder are left out by .gitignore.
    const files = ['--work-tree', await builtPackage()];
    await git(...files, 'add', '--all', '.');
    await git(...files, 'commit', '--quiet', '--message', 'all');
    expect(await git('ls-tree', '--name-only', 'HEAD')).not.toMatch(/^dist$|\.tgz$/m);

    await project.add(`git+file://${repository}`);
    expect(existsSync(join(project.folder, 'node_modules/tfjs-maple/dist/src/index.js'))).toBe(true);
    expect(existsSync(join(project.folder, 'node_modules/tfjs-maple/src'))).toBe(false);
    expect(await project.execute('tfjs-maple', '--version')).toMatchObject({ code: 0, stdout: '0.1.0\n' });
  },
  BUILD_TIMEOUT + INSTALL_TIMEOUT,
);
