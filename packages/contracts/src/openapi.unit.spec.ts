import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { ALL_ADMIN_ROUTES } from './admin-routes.ts';
import { openApi } from './openapi.ts';

const document = JSON.parse(JSON.stringify(openApi())) as {
  paths: Record<string, Record<string, { operationId: string; parameters?: { name: string }[] }>>;
};

describe('the OpenAPI document', () => {
  it('is valid to a validator, which a broken one is not', async () => {
    const answer = await new Validator().validate(structuredClone(document));
    expect(answer).toEqual({ valid: true });
    const broken = { ...document, paths: { '/v1/keys': { get: { responses: 1 } } } };
    expect((await new Validator().validate(broken)).valid).toBe(false);
  });

  it('has every route once, by name, with its parameters', () => {
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    expect(operations.map(({ operationId }) => operationId).sort()).toEqual(
      ALL_ADMIN_ROUTES.map(({ name }) => name).sort(),
    );
    const names = document.paths['/v1/keys']!['get']!.parameters!.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['team_id', 'status', 'search', 'sort', 'limit', 'cursor']));
  });

  it('has an example of each body that the route takes', () => {
    const withBody = ALL_ADMIN_ROUTES.filter(({ body }) => body !== undefined);
    const refused = withBody.filter(({ body, example }) => !body!.safeParse(example).success);
    expect(refused.map(({ name }) => name)).toEqual([]);
  });

  it('is what docs/openapi.json has: run `npm run contracts` and look at the difference, if this fails', () => {
    const published = readFileSync(new URL('../../../docs/openapi.json', import.meta.url), 'utf8');
    expect(JSON.parse(published)).toEqual(document);
  });
});
