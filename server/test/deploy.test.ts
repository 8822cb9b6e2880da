import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';

const ROOT = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), 'utf8');

/** The names that docs/configuration.md explains. */
const settings = new Set([...read('docs/configuration.md').matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name));
/** The paths that the service routes answer. */
const healthPaths = [...read('server/http/service.ts').matchAll(/app\.get\('([^']+)'/g)].map(([, path]) => path);

interface ComposeService {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly environment: Record<string, string>;
  readonly volumes?: readonly string[];
  readonly depends_on?: Record<string, object>;
  readonly ports?: readonly string[];
  readonly read_only?: boolean;
}

interface Compose {
  readonly services: Record<string, ComposeService>;
  readonly volumes: Record<string, object | null>;
}

describe.each(['compose.yaml', 'compose-sqlite.yaml'])('deploy/%s', (file) => {
  const { services, volumes } = parse(read(`deploy/${file}`)) as Compose;

  test('sets what the server reads, and nothing else', () => {
    for (const name of Object.keys(services.server?.environment ?? {})) expect(settings).toContain(name);
  });

  test('builds from a file that is there, and mounts what it declares', () => {
    const { context = '', dockerfile = '' } = services.server?.build ?? {};
    expect(existsSync(new URL(`deploy/${context}/${dockerfile}`, ROOT))).toBe(true);
    const mounted = Object.values(services).flatMap((service) => service.volumes ?? []);
    expect(mounted.map((mount) => mount.split(':')[0])).toEqual(Object.keys(volumes));
    for (const name of Object.keys(services.server?.depends_on ?? {})) expect(services).toHaveProperty(name);
  });

  test('shows nothing but the server, and that to this machine alone', () => {
    const shown = Object.entries(services).filter(([, { ports }]) => ports);
    expect(shown.map(([name]) => name)).toEqual(['server']);
    for (const port of services.server?.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
    expect(services.server?.read_only).toBe(true);
  });
});

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data: Record<string, string>;
  readonly spec: PodOwner;
}

interface PodOwner {
  readonly selector: { readonly matchLabels: object };
  readonly template: { readonly metadata: { readonly labels: object }; readonly spec: PodSpec };
}

interface PodSpec {
  readonly securityContext: object;
  readonly terminationGracePeriodSeconds: number;
  readonly containers: readonly [Record<string, { httpGet: { path: string; port: string } }> & Container];
}

interface Container {
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly envFrom: readonly { readonly configMapRef?: { name: string }; readonly secretRef?: { name: string } }[];
  readonly securityContext: object;
}

describe('deploy/kubernetes.yaml', () => {
  const documents = parseAllDocuments(read('deploy/kubernetes.yaml'));
  const manifests = documents.map((document) => document.toJS() as Manifest);
  const find = (kind: string) => manifests.find((manifest) => manifest.kind === kind) as Manifest;
  const { template, selector } = find('Deployment').spec;
  const [container] = template.spec.containers;

  test('is YAML with one of each kind, that find each other by their labels', () => {
    expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
    expect(manifests.map(({ kind }) => kind)).toEqual(['ConfigMap', 'Deployment', 'Service', 'PodDisruptionBudget']);
    expect(template.metadata.labels).toMatchObject(selector.matchLabels);
    expect(find('Service').spec.selector).toEqual(selector.matchLabels);
    expect(find('PodDisruptionBudget').spec.selector).toEqual(selector);
  });

  test('sets what the server reads', () => {
    for (const name of Object.keys(find('ConfigMap').data)) expect(settings).toContain(name);
    expect(container.envFrom[0]?.configMapRef?.name).toBe(find('ConfigMap').metadata.name);
  });

  test('asks the addresses of health, on the port that the server listens on', () => {
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
      expect(healthPaths).toContain(container[probe]?.httpGet.path);
      expect(container[probe]?.httpGet.port).toBe(container.ports[0]?.name);
    }
    expect(read('deploy/Dockerfile')).toContain(`PORT=${container.ports[0]?.containerPort}`);
  });

  test('runs as a normal user who can change nothing', () => {
    expect(template.spec.securityContext).toMatchObject({ runAsNonRoot: true });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });
});

describe('deploy/Dockerfile', () => {
  const lines = read('deploy/Dockerfile').replaceAll('\\\n', '').split('\n');
  const args = (instruction: string) =>
    lines.filter((line) => line.startsWith(`${instruction} `)).map((line) => line.slice(instruction.length + 1));

  test('copies what is there', () => {
    const sources = args('COPY')
      .filter((copy) => !copy.startsWith('--from'))
      .flatMap((copy) => copy.split(' ').slice(0, -1));
    expect(sources.filter((source) => !existsSync(new URL(source, ROOT)))).toEqual([]);
  });

  test('runs the program as a normal user, on the Node that the packages ask for', () => {
    expect(args('USER')).toEqual(['node']);
    const [, program] = JSON.parse(args('ENTRYPOINT')[0] ?? '[]') as string[];
    expect(existsSync(fileURLToPath(new URL(program ?? '?', ROOT)))).toBe(true);
    const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };
    const version = engines.node.replace('>=', '');
    for (const image of args('FROM')) expect(image).toContain(`node:${version}-`);
  });

  test('sets what the server reads', () => {
    const [names = ''] = args('ENV');
    for (const [, name] of names.matchAll(/(\w+)=/g)) if (name !== 'NODE_ENV') expect(settings).toContain(name);
  });
});
