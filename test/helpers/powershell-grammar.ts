import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Language, Parser, type Node } from 'web-tree-sitter';

/** What a PowerShell script says, by a grammar of the language; it can miss faults, and runs nothing. */
export interface ParsedScript {
  /** What is no PowerShell, or is missing, with its line from 1. */
  readonly faults: readonly string[];
  /** Names of commands as they are written, and whether the call operator stands before them. */
  readonly commands: readonly { readonly name: string; readonly called: boolean }[];
  /** Functions that the script defines. */
  readonly functions: readonly string[];
  /** `System.IO.File.OpenRead`, `System.IO.FileStream.new`: members of types that are named. */
  readonly staticMembers: readonly string[];
  /** Types that are named anywhere, New-Object included. */
  readonly types: readonly string[];
  /** `Dispose`, `Length`: members of values, without those of the variables in `except`. */
  instanceMembers(except: readonly string[]): readonly string[];
}

// PowerShell's own names for types (about_Type_Accelerators).
const accelerators: Readonly<Record<string, string>> = {
  byte: 'System.Byte',
  bool: 'System.Boolean',
  char: 'System.Char',
  datetime: 'System.DateTime',
  int: 'System.Int32',
  ipaddress: 'System.Net.IPAddress',
  pscustomobject: 'System.Management.Automation.PSObject',
  string: 'System.String',
  timespan: 'System.TimeSpan',
  uri: 'System.Uri',
};
/** Keywords and attributes that stand in brackets and name no .NET type. */
const noTypes = ['ordered', 'void', 'ref'];

function fullName(literal: string): string {
  const name = literal.replaceAll(/^\[|\]$|\[\]/g, '').trim();
  return accelerators[name.toLowerCase()] ?? name;
}

async function loadParser(): Promise<Parser> {
  const require = createRequire(import.meta.url);
  await Parser.init();
  const wasm = require.resolve('tree-sitter-powershell/tree-sitter-powershell.wasm');
  return new Parser().setLanguage(await Language.load(await readFile(wasm)));
}

const loaded = loadParser();

function* descendants(node: Node): Generator<Node> {
  yield node;
  for (const child of node.children) yield* descendants(child);
}

function childOf(node: Node, type: string): Node | undefined {
  return node.children.find((child) => child.type === type);
}

/** @throws where the grammar cannot be loaded */
export async function parsePowerShell(text: string): Promise<ParsedScript> {
  const tree = (await loaded).parse(text);
  if (tree === null) throw new Error('the grammar gave no tree');
  const nodes = [...descendants(tree.rootNode)];
  const ofType = (...types: string[]): Node[] => nodes.filter(({ type }) => types.includes(type));
  const members = ofType('member_access', 'invokation_expression').map((node) => ({
    of: node.children[0] ?? node,
    name: childOf(node, 'member_name')?.text ?? '',
  }));
  const created = ofType('command').flatMap((node) => {
    const [, type] = /^New-Object\s+-TypeName\s+(\S+)/.exec(node.text) ?? [];
    return type === undefined ? [] : [type];
  });
  return {
    faults: nodes
      .filter(({ isError, isMissing }) => isError || isMissing)
      .map(
        (node) =>
          `line ${node.startPosition.row + 1}: ${node.isMissing ? `${node.type} is missing` : node.text.slice(0, 60)}`,
      ),
    commands: ofType('command').map((node) => ({
      name: (childOf(node, 'command_name') ?? childOf(node, 'command_name_expr'))?.text ?? '',
      called: childOf(node, 'command_invokation_operator') !== undefined,
    })),
    functions: ofType('function_name').map((node) => node.text),
    staticMembers: members
      .filter(({ of }) => of.type === 'type_literal')
      .map(({ of, name }) => `${fullName(of.text)}.${name}`),
    types: [...ofType('type_literal').map((node) => fullName(node.text)), ...created].filter(
      (name) => !noTypes.includes(name.toLowerCase()),
    ),
    instanceMembers: (except) =>
      members
        .filter(({ of }) => of.type !== 'type_literal' && !except.includes(of.text))
        .map(({ name }) => name),
  };
}
