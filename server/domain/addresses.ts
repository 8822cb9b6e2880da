/** Address of a cluster's sign-up form. The organization is in it, so that it leads to its tenant without a search. */
export function signUpAddress(publicUrl: string, slug: string, clusterId: string): string {
  return `${publicUrl}/embed/${slug}/${clusterId}`;
}

/** The contract's embed code of a sign-up form (contract: Cluster). */
export function embedCode(address: string): string {
  return `<iframe src="${address}" width="100%" height="100%"></iframe>`;
}

/** A registration's join link: secret, since it is all that is asked for at the door of the room. */
export function joinAddress(publicUrl: string, joinToken: string): string {
  return `${publicUrl}/join/${joinToken}`;
}
