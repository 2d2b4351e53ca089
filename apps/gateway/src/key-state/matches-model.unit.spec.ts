import fc from 'fast-check';
import { matchesModel } from './matches-model.ts';

describe('an allowed model', () => {
  it.each([
    ['gpt-4o', 'gpt-4o', true],
    ['gpt-4o', 'gpt-4o-mini', false],
    ['gpt-4o', 'GPT-4o', false],
    ['gpt-4o*', 'gpt-4o', true],
    ['gpt-4o*', 'gpt-4o-mini', true],
    ['*-mini', 'gpt-4o-mini', true],
    ['*-mini', 'gpt-4o', false],
    ['*', '', true],
    ['openai/*', 'openai/gpt-4o', true],
    ['openai/*', 'anthropic/claude', false],
    ['ab*ba', 'aba', false],
    ['ab*ba', 'abba', true],
    ['a*b*c', 'aXbXc', true],
    ['a*b*c', 'aXc', false],
    ['gpt.4', 'gpt-4', false],
  ])('%s lets in %s: %p', (pattern, name, allowed) => {
    expect(matchesModel(name, [pattern])).toBe(allowed);
  });

  it('is any of the list', () => {
    expect(matchesModel('b', ['a', 'b*'])).toBe(true);
    expect(matchesModel('c', ['a', 'b*'])).toBe(false);
  });

  it('is matched as by a regular expression', () => {
    const text = (unit: string[]) => fc.string({ unit: fc.constantFrom(...unit), maxLength: 8 });
    fc.assert(
      fc.property(text(['a', 'b', '*']), text(['a', 'b']), (pattern, name) => {
        const expected = new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name);
        expect(matchesModel(name, [pattern])).toBe(expected);
      }),
      { numRuns: 3_000 },
    );
  });

  it('is decided at once, however the pattern and the name are chosen', () => {
    const start = performance.now();
    expect(matchesModel('a'.repeat(1_000_000), [`${'a*'.repeat(99)}b`])).toBe(false);
    expect(matchesModel(`${'a'.repeat(1_000_000)}`, [`${'*a'.repeat(99)}*b*`])).toBe(false);
    expect(performance.now() - start).toBeLessThan(1_000);
  });
});
