using System.Buffers;
using System.Collections;
using Microsoft.AspNetCore.Http;
using Quoin.Kernel;

namespace Quoin.Platform;

/// <summary>
/// The name of one request: on its answer, in its problems, in every log line and trace it causes. A client may bring
/// its own in <c>X-Request-Id</c>, so that its logs and ours speak of the same thing.
/// </summary>
internal static class RequestId
{
    public const string Header = "X-Request-Id";

    private const string Prefix = "req";
    private const int LengthMax = 128;

    // Letters that mean nothing to a log, a shell, a URL or an HTML page.
    private static readonly SearchValues<char> Letters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    public static string Of(HttpRequest request, IdSource ids)
    {
        var given = request.Headers[Header];
        return given is [{ Length: > 0 and <= LengthMax } text] && !text.AsSpan().ContainsAnyExcept(Letters)
            ? text
            : IdText.Format(Prefix, ids.Next());
    }
}

/// <summary>The log scope of one request.</summary>
internal sealed class RequestScope(string requestId) : IReadOnlyList<KeyValuePair<string, object>>
{
    public int Count => 1;

    public KeyValuePair<string, object> this[int index] => index == 0
        ? new KeyValuePair<string, object>("request_id", requestId)
        : throw new ArgumentOutOfRangeException(nameof(index));

    public IEnumerator<KeyValuePair<string, object>> GetEnumerator()
    {
        yield return this[0];
    }

    public override string ToString() => requestId;

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
