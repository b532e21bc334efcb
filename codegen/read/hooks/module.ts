/**
 * What a hooks module exports. This needs to parse TypeScript with ts-morph, loaded only if a spec has hooks, one
 * parse per module, without resolving types or reading other files.
 */
import { createRequire } from "node:module";
import type * as Morph from "ts-morph";

export interface HookExport {
  /** `unknown`: reading this file is not enough to know, as for the result of a call. */
  readonly is: "function" | "unknown" | "type" | "class" | "value";
  /** Required parameters of a function. */
  readonly required: number;
}

export interface HookModule {
  readonly exports: ReadonlyMap<string, HookExport>;
  /** `export *` may add names from elsewhere. */
  readonly open: boolean;
  /** The first one, as `3:14: ';' expected.` */
  readonly syntaxError: string | undefined;
}

let loaded: typeof Morph | undefined;

// By require, because loading a spec is synchronous.
function morph(): typeof Morph {
  return loaded ??= createRequire(import.meta.url)("ts-morph") as typeof Morph;
}

/** It is an optional dependency, which a program that generates nothing can do without. */
export function canReadHooks(): boolean {
  try {
    createRequire(import.meta.url).resolve("ts-morph");
    return true;
  } catch {
    return false;
  }
}

export function readHookModule(path: string, text: string): HookModule {
  const { Project } = morph();
  const project = new Project({
    useInMemoryFileSystem: true,
    skipLoadingLibFiles: true,
    skipFileDependencyResolution: true,
    compilerOptions: { allowJs: true },
  });
  const file = project.createSourceFile(`/${path.slice(path.lastIndexOf("/") + 1)}`, text);
  const declared = new Map<string, HookExport>();
  const exports = new Map<string, HookExport>();
  let open = false;
  for (const statement of file.getStatements()) {
    for (const [name, found] of declarations(statement)) {
      declared.set(name, found);
      if (isExported(statement)) exports.set(name, found);
    }
  }
  for (const statement of file.getExportDeclarations()) {
    const namespace = statement.getNamespaceExport();
    if (namespace !== undefined) exports.set(namespace.getName(), of("value"));
    else if (statement.isNamespaceExport()) open = true;
    const elsewhere = statement.hasModuleSpecifier();
    for (const one of statement.getNamedExports()) {
      const name = one.getAliasNode()?.getText() ?? one.getName();
      const found = elsewhere ? undefined : declared.get(one.getName());
      const isType = statement.isTypeOnly() || one.isTypeOnly();
      exports.set(name, isType ? of("type") : found ?? of("unknown"));
    }
  }
  return { exports, open, syntaxError: syntaxError(file) };
}

function of(is: HookExport["is"], required = 0): HookExport {
  return { is, required };
}

function isExported(statement: Morph.Statement): boolean {
  const { Node, SyntaxKind } = morph();
  return Node.isModifierable(statement) && statement.hasModifier(SyntaxKind.ExportKeyword) &&
    !statement.hasModifier(SyntaxKind.DefaultKeyword);
}

function declarations(statement: Morph.Statement): [string, HookExport][] {
  const { Node } = morph();
  if (Node.isVariableStatement(statement)) {
    return statement.getDeclarations().map((one) => [one.getName(), valueOf(one.getInitializer())]);
  }
  if (Node.isFunctionDeclaration(statement)) {
    // Of overloads, the last one has the body and is the one called.
    return [[statement.getName() ?? "default", functionOf(statement)]];
  }
  if (Node.isClassDeclaration(statement)) return [[statement.getName() ?? "default", of("class")]];
  if (Node.isEnumDeclaration(statement)) return [[statement.getName(), of("value")]];
  if (Node.isInterfaceDeclaration(statement) || Node.isTypeAliasDeclaration(statement)) {
    return [[statement.getName(), of("type")]];
  }
  return [];
}

function functionOf(node: Morph.ParameteredNode): HookExport {
  const required = node.getParameters().filter((parameter) =>
    parameter.getName() !== "this" && !parameter.isOptional() && !parameter.isRestParameter()
  );
  return of("function", required.length);
}

function valueOf(node: Morph.Expression | undefined): HookExport {
  const { Node } = morph();
  if (
    Node.isParenthesizedExpression(node) || Node.isAsExpression(node) ||
    Node.isSatisfiesExpression(node)
  ) return valueOf(node.getExpression());
  if (Node.isArrowFunction(node) || Node.isFunctionExpression(node)) return functionOf(node);
  if (Node.isClassExpression(node)) return of("class");
  const isData = Node.isLiteralExpression(node) || Node.isObjectLiteralExpression(node) ||
    Node.isArrayLiteralExpression(node) || Node.isTemplateExpression(node) ||
    Node.isTrueLiteral(node) || Node.isFalseLiteral(node) || Node.isNullLiteral(node);
  return of(isData ? "value" : "unknown");
}

/** The parser has already found them; the project's diagnostics would need a whole program. */
function syntaxError(file: Morph.SourceFile): string | undefined {
  const parsed = file.compilerNode as {
    readonly parseDiagnostics?: readonly Morph.ts.DiagnosticWithLocation[];
  };
  const first = parsed.parseDiagnostics?.[0];
  if (first === undefined) return undefined;
  const { line, column } = file.getLineAndColumnAtPos(first.start);
  return `${line}:${column}: ${morph().ts.flattenDiagnosticMessageText(first.messageText, " ")}`;
}
