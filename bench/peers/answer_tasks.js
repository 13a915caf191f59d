import { createInterface } from 'node:readline';

/**
 * The peer's side of bench/peer.js in JavaScript: says that it is ready, then does a task a line and answers with its
 * seconds, the process's peak memory and, when asked for `values`, the features themselves.
 * @param ready - what runs, for people
 * @param tasks - by name; `features` gives a Float32Array
 */
export async function answerTasks(ready, tasks) {
  console.log(JSON.stringify({ ready }));
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'values') {
      console.log(JSON.stringify({ values: [...(await tasks.features())] }));
      continue;
    }
    const start = performance.now();
    await tasks[line]();
    const seconds = (performance.now() - start) / 1000;
    console.log(JSON.stringify({ seconds, peak: process.resourceUsage().maxRSS * 1024 }));
  }
}
