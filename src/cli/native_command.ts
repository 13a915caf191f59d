import type { Command } from 'commander';

/** `tfjs-maple native`. */
export function addNative(program: Command): void {
  program
    .command('native')
    .description("build tfjs-node-gpu's addon on a current TensorFlow, for models of real size")
    .option('--cuda', "take TensorFlow for NVIDIA's GPUs and the CUDA libraries it names (about 6 GB)")
    .addHelpText(
      'after',
      `
Examples:
  tfjs-maple native
  tfjs-maple native --cuda`,
    )
    .action(async ({ cuda }: { cuda?: boolean }) => {
      const { buildNative } = await import('../node/native_build.js');
      const { nativeProgressBar } = await import('../node/native_progress.js');
      const bar = nativeProgressBar();
      try {
        const build = await buildNative({ cuda, onProgress: bar.onProgress });
        bar.stop();
        console.log(`TensorFlow ${build.tensorflowVersion} computes on the ${build.gpu ? 'GPU' : 'CPU'}.`);
        console.log(`Libraries: ${build.libraries}\nAddon: ${build.addon}`);
      } finally {
        bar.stop();
      }
    });
}
