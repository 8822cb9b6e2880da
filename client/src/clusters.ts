import type { Cluster, ClusterList, ListClustersQuery } from './api-types.ts';
import type { WithDates } from './dates.ts';
import type { RequestOptions, Transport } from './transport.ts';

/** What is on offer. */
export class Clusters {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** All clusters that are not archived, in order of creation. */
  async list(query: WithDates<ListClustersQuery> = {}, options?: RequestOptions): Promise<Cluster[]> {
    const answer = await this.#transport.json<ClusterList>({ operation: 'listClusters', query }, options);
    return answer.data.items;
  }
}
