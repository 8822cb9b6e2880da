/*
 * Who may import whom: the walls of the house in ARCHITECTURE.md. Each rule carries the reason that is printed when an
 * import breaks it. Tests may import anything, and nothing that runs in production imports a test.
 */

/** Also what shows by hand, in minutes, how the server takes a fault. */
const TEST = '(\\.test\\.ts$|^server/test/|^bench/faults/)';
const OURS = '^(contract|server|client|cli|console|bench|scripts)/';
const SQL = '(^|node_modules/)(kysely|(node:)?sqlite|pg|pg-cursor|@types/pg)(/|$)';
const TYPEBOX = '(^|node_modules/)typebox(/|$)';
const METRICS = '^server/metrics\\.ts$';
/** Scripts that pages load. */
const BROWSER = '^server/pages/browser/';
const WRITE_OPENAPI = '^contract/write-openapi\\.ts$';
/** What of the client is published; the rest makes it from the contract. */
const PUBLISHED_CLIENT = '^client/(src/|index\\.ts$)';
/** npm calls it. */
const PACK_CLIENT = '^client/pack\\.js$';

/** A rule that lets the files of `from` import, of all our own files, only those of `allowed`. */
function only(name, from, allowed, comment) {
  return {
    name,
    severity: 'error',
    comment,
    from: { path: from, pathNot: TEST },
    to: { path: OURS, pathNot: allowed },
  };
}

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'contract-stands-alone',
      severity: 'error',
      comment:
        'The contract is the one source of truth of the wire, read by server, client and browser alike: it imports the schema library and itself, nothing else and nothing of Node.',
      from: { path: '^contract/', pathNot: [TEST, WRITE_OPENAPI] },
      to: { pathNot: ['^contract/', TYPEBOX] },
    },
    {
      name: 'domain-is-pure',
      severity: 'error',
      comment:
        'Rules are pure functions: no I/O, no clock, no randomness, no library. The domain imports itself and the contract (and node:crypto and node:zlib for hashes and checksums, node:url for host names); what it needs from outside is an argument.',
      from: { path: '^server/domain/', pathNot: TEST },
      to: { pathNot: ['^server/domain/', '^contract/', '^(node:)?(crypto|url|zlib)$'] },
    },
    only(
      'store-knows-rows-and-rules',
      '^server/store/',
      ['^server/store/', '^server/domain/', '^contract/'],
      'The store is below actions and doors: it keeps rows and imports the domain and the contract. What decides or answers belongs in an action or a door that calls it.',
    ),
    {
      name: 'sql-only-in-store',
      severity: 'error',
      comment:
        'Kysely, node:sqlite and pg are used in server/store only, so that a query exists once, is bound to its organization there, and another engine touches one folder. Add a function to the aggregate’s file in server/store. (bench measures against bare statements.)',
      from: { pathNot: ['^server/store/', '^bench/', TEST] },
      to: { path: SQL },
    },
    only(
      'actions-know-no-door',
      '^server/actions/',
      ['^server/actions/', '^server/store/', '^server/domain/', '^contract/'],
      'An action is one transaction: rule, rows, event. It imports the store, the domain and the contract, and knows neither HTTP nor configuration, so that every door can share it.',
    ),
    {
      name: 'doors-keep-apart',
      severity: 'error',
      comment:
        'A door (http, scim, pages, jobs) imports actions, the store for reading, the domain and the contract, never another door: what two doors share is an action.',
      from: { path: '^server/(http|scim|pages|jobs)/', pathNot: TEST },
      to: { path: OURS, pathNot: ['^server/$1/', '^server/(actions|store|domain)/', METRICS, '^contract/'] },
    },
    only(
      'demo-acts-like-a-user',
      '^server/demo/',
      ['^server/demo/', '^server/(actions|store|domain)/', '^contract/'],
      'The demo organization is made by the same actions and rules as a real one: server/demo imports actions, store, domain and contract.',
    ),
    only(
      'commands-use-the-parts',
      '^server/commands/',
      [
        '^server/commands/',
        '^server/(actions|store|domain|demo)/',
        '^server/(app|config)\\.ts$',
        '^client/',
        '^cli/(commands|exit|table)\\.ts$',
        '^contract/',
      ],
      'A command reads the configuration and calls app, actions, store or demo, or a server through the client; the doors are opened by server/app.ts alone. The program takes the integrators’ commands from cli/commands.ts.',
    ),
    only(
      'simulator-knows-no-rule',
      '^server/commands/simulate/',
      ['^server/commands/(simulate/|output\\.ts$)', '^server/demo/random\\.ts$', '^cli/table\\.ts$', '^contract/'],
      'The simulator checks the server from outside: it uses HTTP only and counts by itself. With the server’s own rules it would find nothing wrong.',
    ),
    only(
      'main-is-thin',
      '^server/main\\.ts$',
      ['^server/commands/', '^server/(app|config)\\.ts$', '^contract/'],
      'server/main.ts only chooses the command: what a command does is in server/commands.',
    ),
    only(
      'app-serves-no-command',
      '^server/app\\.ts$',
      ['^server/(http|scim|pages|jobs|actions|store|domain)/', '^server/config\\.ts$', METRICS, '^contract/'],
      'server/app.ts puts the doors, actions and store together; commands and demo call it, never the other way round.',
    ),
    only(
      'metrics-stand-alone',
      METRICS,
      [METRICS],
      'Every door counts into server/metrics.ts, so it knows none of them: it says what is counted, not when.',
    ),
    only(
      'config-stands-alone',
      '^server/config\\.ts$',
      ['^contract/', '^server/domain/'],
      'The configuration is read once from the environment, before any part exists.',
    ),
    {
      name: 'parts-are-put-together-once',
      severity: 'error',
      comment:
        'Only server/app.ts, server/main.ts and server/commands see the configuration, the app and the commands; every other part gets what it needs as an argument.',
      from: { path: OURS, pathNot: ['^server/(app|main)\\.ts$', '^server/commands/', TEST] },
      to: { path: '^server/(app\\.ts$|config\\.ts$|commands/)' },
    },
    {
      name: 'main-is-not-imported',
      severity: 'error',
      comment: 'server/main.ts starts a process when it is loaded: import what it calls instead.',
      from: {},
      to: { path: '^server/main\\.ts$' },
    },
    only(
      'client-needs-the-contract-only',
      '^client/',
      ['^client/', '^contract/'],
      'The client is published by itself: of our own files it imports the contract only.',
    ),
    {
      name: 'client-is-published-by-itself',
      severity: 'error',
      comment:
        'The published client needs no other package and runs in browsers: it imports its own files, nothing of Node. What it has of the contract is written by client/write-types.ts.',
      from: { path: PUBLISHED_CLIENT, pathNot: TEST },
      to: { pathNot: PUBLISHED_CLIENT },
    },
    {
      name: 'outsiders-use-the-client',
      severity: 'error',
      comment:
        'console, cli and bench are programs like those of any integrator: they talk to the server through the client and the contract, not by importing the server, and not to each other. (bench starts PostgreSQL as the tests do.)',
      from: { path: '^(console|cli|bench)/', pathNot: TEST },
      to: { path: OURS, pathNot: ['^$1/', '^client/', '^contract/', '^scripts/postgres\\.js$'] },
    },
    {
      name: 'server-needs-no-outsider',
      severity: 'error',
      comment:
        'The server runs without client, command line, console, benchmark and scripts. (Commands may talk to another server through the client, and the program has the commands of cli.)',
      from: { path: '^server/', pathNot: [TEST, '^server/commands/'] },
      to: { path: '^(client|cli|console|bench|scripts)/' },
    },
    {
      name: 'scripts-need-nothing-installed',
      severity: 'error',
      comment:
        'The scripts run before any package is installed: they import Node’s own modules and each other. (import-rules.js runs afterwards.)',
      from: { path: '^scripts/', pathNot: [TEST, '^scripts/import-rules\\.js$'] },
      to: { pathNot: '^scripts/', dependencyTypesNot: ['core'] },
    },
    {
      name: 'no-test-in-production',
      severity: 'error',
      comment: 'What runs in production imports no test and no test helper.',
      from: { pathNot: TEST },
      to: { path: TEST },
    },
    {
      name: 'no-development-package-in-production',
      severity: 'error',
      comment:
        'A package that production imports belongs in the dependencies of its workspace, or `npm ci --omit=dev` leaves it out.',
      from: { path: '^(contract|server|client|cli)/', pathNot: TEST },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: '/@types/' },
    },
    {
      name: 'no-cycle',
      severity: 'error',
      comment: 'A cycle is a sign that a room wants dividing: move what both need into a file of its own.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphan',
      severity: 'error',
      comment: 'Nothing imports this file and it imports nothing: use it or remove it.',
      from: {
        orphan: true,
        pathNot: [TEST, '^(server|bench)/main\\.ts$', BROWSER, WRITE_OPENAPI, PACK_CLIENT, '\\.d\\.ts$'],
      },
      to: {},
    },
    {
      name: 'no-index',
      severity: 'error',
      comment: 'index.ts is a package’s public face only; inside a package name the file you mean.',
      from: {},
      to: { path: `${OURS}.*index\\.ts$`, pathNot: '^[^/]+/index\\.ts$' },
    },
    {
      name: 'no-missing-file',
      severity: 'error',
      comment: 'This import leads nowhere: a wrong path, or a package that is not installed.',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.cjs', '.mjs', '.json', '.d.ts'],
    },
  },
};
