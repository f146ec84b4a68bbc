using System.Globalization;
using System.Reflection;
using System.Text;

namespace Quoin.Platform;

/// <summary>Every problem code there is, found where modules declare them: as static fields.</summary>
public sealed class ProblemCatalog
{
    private ProblemCatalog(IReadOnlyList<Entry> entries) => Entries = entries;

    /// <summary>The codes by module, then by name.</summary>
    public IReadOnlyList<Entry> Entries { get; }

    /// <summary>The codes of this program: of its modules that are loaded, and of those they refer to.</summary>
    public static ProblemCatalog Read() => Of(QuoinAssemblies.All());

    /// <summary>The codes that some assemblies declare.</summary>
    public static ProblemCatalog Of(IEnumerable<Assembly> assemblies) => new(
    [
        .. from assembly in assemblies
           from type in assembly.GetTypes()
           from field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
           where field.FieldType == typeof(ProblemCode) && !type.ContainsGenericParameters
           let entry = new Entry(QuoinAssemblies.ModuleOf(assembly), (ProblemCode)field.GetValue(null)!)
           orderby entry.Module, entry.Code.Code
           select entry,
    ]);

    /// <summary>The reference page, as Markdown.</summary>
    public string ToMarkdown()
    {
        var page = new StringBuilder("""
            # Errors

            Generated from the code by a test; do not edit. Every failed request is answered with
            `application/problem+json` (RFC 9457): `type`, `title`, `status`, `detail`, a stable `code`, whether trying the
            same request again can help (`retryable`), `what_to_do` and the `request_id`. Codes never change meaning.

            """);
        foreach (var module in Entries.GroupBy(entry => entry.Module))
        {
            page.Append("\n## ").Append(module.Key)
                .Append("\n\n| code | status | retryable | meaning | what to do |\n|---|---|---|---|---|\n");
            foreach (var (_, code) in module)
            {
                var retryable = code.Retry == Retry.Later ? "yes" : "no";
                page.Append(CultureInfo.InvariantCulture, $"| `{code.Code}` | {code.Status} | {retryable} ")
                    .Append(CultureInfo.InvariantCulture, $"| {Cell(code.Title)} | {Cell(code.WhatToDo)} |\n");
            }
        }

        return page.ToString().ReplaceLineEndings("\n");
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);

    /// <summary>One code.</summary>
    /// <param name="Module">The module that declares it.</param>
    /// <param name="Code">The code.</param>
    public sealed record Entry(string Module, ProblemCode Code);
}
