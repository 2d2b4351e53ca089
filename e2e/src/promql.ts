import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

/** What an expression asks of one metric. */
export interface Selector {
  readonly metric: string;
  readonly matchers: readonly { readonly label: string; readonly op: string; readonly value: string }[];
  /** Labels that what is computed of it is grouped by. */
  readonly groupedBy: readonly string[];
}

/** The metrics that a PromQL expression reads, with their labels. @throws SyntaxError where it is none */
export function selectorsOf(expression: string): Selector[] {
  const text = (node: SyntaxNode) => expression.slice(node.from, node.to);
  const found: Selector[] = [];
  const walk = (node: SyntaxNode, groupedBy: readonly string[]): void => {
    if (node.type.isError) throw new SyntaxError(`PromQL: at ${node.from} of ${expression}`);
    if (node.name === 'VectorSelector') {
      const matchers = descendants(node, 'UnquotedLabelMatcher').map((matcher) => ({
        label: text(matcher.getChild('LabelName')!),
        op: text(matcher.getChild('MatchOp')!),
        value: text(matcher.getChild('StringLiteral')!).slice(1, -1),
      }));
      found.push({ metric: text(node.getChild('Identifier')!), matchers, groupedBy });
    }
    const isAggregate = node.name === 'AggregateExpr';
    const groups = isAggregate ? descendants(node.getChild('AggregateModifier'), 'LabelName').map(text) : [];
    for (let child = node.firstChild; child; child = child.nextSibling)
      walk(child, isAggregate ? groups : groupedBy);
  };
  walk(parser.parse(expression).topNode, []);
  return found;
}

function descendants(node: SyntaxNode | null, name: string): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node?.firstChild; child; child = child.nextSibling)
    found.push(...(child.name === name ? [child] : descendants(child, name)));
  return found;
}
