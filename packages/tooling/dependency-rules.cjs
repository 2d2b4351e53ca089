/** Who may import whom. Run by `npm test`; the reasons are in docs/adr/0005-layers.md. */
const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { pathNot: allowed },
});
const SPECS = '\\.spec\\.ts$';

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'A cycle has no first thing to read.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    only(
      'contracts-import-only-zod',
      '^packages/contracts/src/(?!.*\\.spec\\.ts$)',
      ['^packages/contracts/', 'node_modules/zod'],
      'Everyone imports the contracts, so they import next to nothing.',
    ),
    only(
      'domain-is-pure',
      '^packages/domain/src/(?!.*\\.spec\\.ts$)',
      [
        '^packages/domain/',
        '^packages/contracts/',
        'node_modules/temporal-polyfill',
        'node_modules/temporal-spec',
      ],
      'Decisions are functions of their arguments: no IO, framework or clock.',
    ),
    only(
      'prices-are-a-library',
      '^packages/prices/src/(?!.*\\.spec\\.ts$)',
      [
        '^packages/(prices|domain|contracts|service-kit)/',
        'node_modules/',
        '^(node:)?(fs|crypto|path|module)$',
      ],
      'What models cost is known to whoever rates, and knows of none of them.',
    ),
    {
      name: 'mechanism-knows-no-domain',
      comment: 'event-store, kafka and service-kit carry any domain.',
      severity: 'error',
      from: { path: '^packages/(event-store|kafka|service-kit)/src/' },
      to: { path: '^(packages/domain|apps)/' },
    },
    {
      name: 'apps-do-not-import-apps',
      comment: 'Services meet in topics and HTTP only.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'console-imports-contracts-only',
      comment: 'A page knows what the API answers and how to ask it, and nothing of what is behind it.',
      severity: 'error',
      from: { path: '^apps/console/' },
      to: { path: '^(packages|apps)/', pathNot: '^(packages/contracts|packages/admin-client|apps/console)/' },
    },
    {
      name: 'kafkajs-in-one-package',
      comment: 'What kafkajs loses is handled once.',
      severity: 'error',
      from: { pathNot: '^packages/kafka/' },
      to: { path: 'node_modules/kafkajs' },
    },
    {
      name: 'testing-from-tests-only',
      severity: 'error',
      from: { path: '^(apps|packages)/', pathNot: [SPECS, '^packages/(testing|dev-stack)/'] },
      to: { path: '^packages/(testing|dev-stack)/' },
    },
    {
      name: 'use-cases-do-not-know-their-callers',
      comment: 'Controller or consumer → use case → domain and SQL, never backwards.',
      severity: 'error',
      from: { path: '^apps/[^/]+/src/', pathNot: ['(http|consumers)/', 'module\\.ts$', 'main\\.ts$', SPECS] },
      to: { path: '^apps/[^/]+/src/(http|consumers)/' },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    // What has JSX is not read here: biome.json holds it to the same rules.
    exclude: { path: ['/dist/', '\\.mjs$', '\\.tsx$'] },
    parser: 'swc',
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.cjs'],
    },
  },
};
