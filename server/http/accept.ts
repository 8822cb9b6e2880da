/**
 * What an Accept header wants most among what we have; the fallback where it wants nothing of that, as RFC 9110, section
 * 12.5.1, allows. `offerFor` answers what a media type (or range) of the header stands for, null where for nothing.
 */
export function mostWanted<Offer>(
  accept: string | undefined,
  offerFor: (type: string) => Offer | null,
  fallback: Offer,
): Offer {
  let best = fallback;
  let bestWeight = 0;
  for (const part of (accept ?? '').toLowerCase().split(',')) {
    const [type = '', ...parameters] = part.split(';').map((token) => token.trim());
    const q = parameters.find((parameter) => parameter.startsWith('q='));
    const weight = q ? Number(q.slice(2)) || 0 : 1;
    const offer = offerFor(type);
    if (offer !== null && weight > bestWeight) {
      best = offer;
      bestWeight = weight;
    }
  }
  return best;
}
