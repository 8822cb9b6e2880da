import { expect, test } from 'vitest';
import { selfTimes } from './profile.ts';

function node(id: number, functionName: string, url = '', lineNumber = -1) {
  return { id, callFrame: { functionName, url, lineNumber } };
}

test('a profile is summed up by function, the most first, idle time left out', () => {
  const profile = {
    nodes: [
      node(1, '(idle)'),
      node(2, 'readPage', 'file:///server/users.ts', 41),
      node(3, '', 'node:net', 9),
      node(4, 'readPage', 'file:///server/users.ts', 41),
    ],
    samples: [1, 2, 3, 4],
    timeDeltas: [5_000, 100, 100, 200],
  };
  expect(selfTimes(profile)).toEqual([
    { name: 'readPage (users.ts:42)', share: 0.75 },
    { name: '(anonymous) (node:net:10)', share: 0.25 },
  ]);
});
