using Microsoft.AspNetCore.Builder;

namespace Quoin.Platform;

/// <summary>What the API's documentation cannot see from an endpoint's handler.</summary>
public static class EndpointDocs
{
    /// <summary>Problems of the endpoint's own; those that any endpoint of its kind can answer are known.</summary>
    public static TBuilder MayAnswer<TBuilder>(this TBuilder builder, params ProblemCode[] codes)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new AnsweredProblems(codes));

    /// <summary>An example of the request's body, as JSON; where there is none, one is made from its schema.</summary>
    public static TBuilder ShowsBody<TBuilder>(this TBuilder builder, string json)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new BodyExample(json));

    /// <summary>A header the endpoint reads.</summary>
    /// <param name="builder">The endpoint.</param>
    /// <param name="name">The header.</param>
    /// <param name="description">What it does, one sentence or two.</param>
    /// <param name="isRequired">Whether leaving it out is an error.</param>
    public static TBuilder ReadsHeader<TBuilder>(this TBuilder builder, string name, string description, bool isRequired = false)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new HeaderRead(name, description, isRequired));
}

/// <summary>
/// The problems that identifying a caller can end in: registered beside the <see cref="ICallerSource"/>, shown at every
/// endpoint that is not open to anyone.
/// </summary>
/// <param name="Codes">The codes.</param>
public sealed record CallerProblems(IReadOnlyList<ProblemCode> Codes);

/// <summary>Problems an endpoint answers.</summary>
internal sealed record AnsweredProblems(IReadOnlyList<ProblemCode> Codes);

/// <summary>An example of a request's body.</summary>
internal sealed record BodyExample(string Json);

/// <summary>A header an endpoint reads.</summary>
internal sealed record HeaderRead(string Name, string Description, bool IsRequired);
