using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace Quoin.Platform;

/// <summary>
/// The parameters of a request, from its path and its query string, read into a record by Quoin's conventions: names
/// in snake case, instants in RFC 3339, ids with their prefix, a <see cref="PageLimit"/>, a <see cref="Cursor{TKeys}"/>.
/// A request with a parameter that is missing, doubled, unreadable or unknown never reaches the handler.
/// </summary>
/// <typeparam name="T">
/// A record whose constructor names the parameters: nullable or defaulted ones may be left out, arrays may be repeated.
/// Its <c>param</c> comments are the parameters' documentation.
/// </typeparam>
public sealed class Parameters<T> : IBindableFromHttpContext<Parameters<T>>, IEndpointParameterMetadataProvider
    where T : class
{
    private static readonly ParameterReader Reader = new(typeof(T));

    private Parameters(T value) => Value = value;

    /// <summary>What was read.</summary>
    public T Value { get; }

    /// <inheritdoc />
    public static ValueTask<Parameters<T>?> BindAsync(HttpContext context, ParameterInfo parameter) =>
        ValueTask.FromResult<Parameters<T>?>(new Parameters<T>((T)Reader.Read(context.Request)));

    /// <inheritdoc />
    static void IEndpointParameterMetadataProvider.PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(Reader);
}
