import { type ClientOptions, withContext } from '../context.ts';
import { table } from '../table.ts';
import { visible } from '../ui.ts';

export async function listClusters(options: ClientOptions & { readonly from?: string; readonly to?: string }) {
  await withContext(options, async ({ rollcall, ui, signal }) => {
    const { from, to } = options;
    const clusters = await rollcall.clusters.list({ ...(from && { from }), ...(to && { to }) }, { signal });
    if (ui.json) return await ui.printJson(clusters);
    if (clusters.length === 0) return ui.note('There are no clusters.');
    const rows = clusters.map(({ clusterId, duration, moduleCategory, moduleName, iframeCode }) =>
      [clusterId, `${duration} min`, iframeCode === undefined ? '' : 'sign-up open', moduleCategory, moduleName].map(
        visible,
      ),
    );
    await ui.print(table([['CLUSTER', 'LENGTH', 'SIGN-UP', 'CATEGORY', 'MODULE'], ...rows]));
  });
}
