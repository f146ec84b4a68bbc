using Microsoft.AspNetCore.Http;

namespace Quoin.Inference.Internal;

/// <summary>What a provider is asked for.</summary>
internal enum ProviderAct
{
    /// <summary>An answer.</summary>
    Answer,

    /// <summary>How many tokens a request has, without an answer.</summary>
    CountTokens,
}

/// <summary>A request ready to be sent.</summary>
/// <param name="Deployment">To whom.</param>
/// <param name="Protocol">In which protocol.</param>
/// <param name="Act">What for.</param>
/// <param name="Body">The body, in that protocol.</param>
/// <param name="IsNative">Whether the client speaks the protocol itself, so that its own headers mean something.</param>
/// <param name="IsStream">Whether the answer is wanted as it comes.</param>
/// <param name="ClientHeaders">The client's headers.</param>
/// <param name="ClientQuery">What the client wrote behind the path, <c>?beta=true</c>; empty where nothing.</param>
internal sealed record ProviderRequest(
    Deployment Deployment,
    Protocol Protocol,
    ProviderAct Act,
    ReadOnlyMemory<byte> Body,
    bool IsNative,
    bool IsStream,
    IHeaderDictionary ClientHeaders,
    QueryString ClientQuery)
{
    /// <summary>Waited for right before any of it leaves; it may throw, and then nothing leaves.</summary>
    public required Func<ValueTask> Leaving { get; init; }
}

/// <summary>Sends requests to providers of a kind.</summary>
internal interface IModelProvider
{
    /// <summary>The kinds it sends to.</summary>
    IReadOnlyList<ProviderKind> Kinds { get; }

    /// <summary>Sends a request and answers once the headers have come; the body is read as it comes.</summary>
    /// <exception cref="HttpRequestException">The provider cannot be reached, or broke off.</exception>
    Task<HttpResponseMessage> Send(ProviderRequest request, CancellationToken cancellationToken);
}
