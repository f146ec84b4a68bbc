using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Quoin.Platform;

/// <summary>Reads one record of parameters; also endpoint metadata, from which the OpenAPI document describes them.</summary>
internal sealed class ParameterReader
{
    /// <summary>How often an array parameter may be repeated: each value becomes part of a query.</summary>
    public const int ValuesMax = 100;

    private readonly ConstructorInfo constructor;

    public ParameterReader(Type record)
    {
        Record = record;
        constructor = record.GetConstructors().OrderByDescending(candidate => candidate.GetParameters().Length).First();
        var nullability = new NullabilityInfoContext();
        Entries = [.. constructor.GetParameters().Select(parameter => Entry.Of(parameter, nullability))];
    }

    public Type Record { get; }

    public IReadOnlyList<Entry> Entries { get; }

    /// <summary>Reads the record.</summary>
    /// <exception cref="ProblemException">A parameter is missing, doubled, unreadable or unknown.</exception>
    public object Read(HttpRequest request)
    {
        var wrong = new List<WrongParameter>();
        var arguments = Entries.Select(entry => Value(entry, request, wrong)).ToArray();
        var known = Entries.Select(entry => entry.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var name in request.Query.Keys.Where(name => !known.Contains(name)))
        {
            var names = string.Join(
                ", ", Entries.Select(entry => entry.Name).Where(one => !request.RouteValues.ContainsKey(one)));
            var detail = names.Length == 0 ? "is not known: there are none." : $"is not known; known are: {names}.";
            wrong.Add(new WrongParameter(Shortened(name), detail));
        }

        return wrong.Count == 0
            ? constructor.Invoke(arguments)
            : throw new ProblemException(ProblemOf(wrong));
    }

    private static Problem ProblemOf(List<WrongParameter> wrong)
    {
        var code = wrong.FirstOrDefault(one => one.Code is not null)?.Code ?? PlatformProblems.InvalidParameter;
        return new Problem(
            code,
            string.Join(' ', wrong.Select(one => $"'{one.Parameter}' {one.Detail}")),
            members: new Dictionary<string, object?>
            {
                ["errors"] = wrong.Select(one => new { one.Parameter, one.Detail }).ToArray(),
            });
    }

    private static object? Value(Entry entry, HttpRequest request, List<WrongParameter> wrong)
    {
        var isInPath = request.RouteValues.TryGetValue(entry.Name, out var segment);
        var values = isInPath ? new StringValues((string?)segment) : request.Query[entry.Name];
        if (values.Count == 0)
        {
            if (entry.IsRequired)
            {
                wrong.Add(new WrongParameter(entry.Name, "is needed."));
            }

            return entry.Absent;
        }

        if (values.Count > (entry.IsArray ? ValuesMax : 1))
        {
            var detail = entry.IsArray ? $"may be given at most {ValuesMax} times." : "is given more than once.";
            wrong.Add(new WrongParameter(entry.Name, detail));
            return null;
        }

        var read = Array.CreateInstance(entry.Type, values.Count);
        for (var index = 0; index < values.Count; index++)
        {
            if (!ParameterText.TryRead(entry.Type, values[index] ?? "", out var value, out var expected))
            {
                // A path that holds no id names nothing: the same answer as for an id that does not exist.
                var code = isInPath ? PlatformProblems.NotFound
                    : ParameterText.IsCursor(entry.Type) ? PlatformProblems.InvalidCursor
                    : null;
                wrong.Add(new WrongParameter(entry.Name, $"must be {expected}.", code));
                return null;
            }

            read.SetValue(value, index);
        }

        return entry.IsArray ? read : read.GetValue(0);
    }

    private static string Shortened(string name) => name.Length <= 64 ? name : name[..64] + "…";

    private sealed record WrongParameter(string Parameter, string Detail, ProblemCode? Code = null);

    /// <summary>One parameter.</summary>
    /// <param name="Name">Its name outside.</param>
    /// <param name="Member">Its name in the record.</param>
    /// <param name="Type">The type of one value.</param>
    /// <param name="IsArray">Whether it may be repeated.</param>
    /// <param name="IsRequired">Whether leaving it out is an error.</param>
    /// <param name="Absent">What the record gets when it is left out.</param>
    public sealed record Entry(string Name, string Member, Type Type, bool IsArray, bool IsRequired, object? Absent)
    {
        public static Entry Of(ParameterInfo parameter, NullabilityInfoContext nullability)
        {
            var isNullable = nullability.Create(parameter).WriteState == NullabilityState.Nullable;
            var element = parameter.ParameterType.IsArray ? parameter.ParameterType.GetElementType()! : parameter.ParameterType;
            var type = Nullable.GetUnderlyingType(element) ?? element;
            var absent = parameter.HasDefaultValue ? parameter.DefaultValue : null;
            if (absent is null && type.IsValueType && !isNullable && !parameter.ParameterType.IsArray)
            {
                absent = Activator.CreateInstance(type);
            }

            return new Entry(
                JsonNamingPolicy.SnakeCaseLower.ConvertName(parameter.Name!),
                parameter.Name!,
                type,
                parameter.ParameterType.IsArray,
                !isNullable && !parameter.HasDefaultValue && type != typeof(PageLimit),
                absent);
        }
    }
}
