import { delimiter } from 'node:path';

/**
 * Our environment with another PATH; Windows may spell the name of that variable otherwise.
 *
 * @param {(parts: string[]) => string[]} change
 * @returns {NodeJS.ProcessEnv}
 */
export function changePath(change) {
  const name = Object.keys(process.env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  return { ...process.env, [name]: change((process.env[name] ?? '').split(delimiter)).join(delimiter) };
}
