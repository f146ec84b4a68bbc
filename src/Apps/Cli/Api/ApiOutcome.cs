using System.Net;

namespace Quoin.Cli;

/// <summary>Every way a request to the API can end.</summary>
public abstract record ApiOutcome
{
    private ApiOutcome()
    {
    }

    /// <summary>It was answered as hoped.</summary>
    /// <param name="Status">The HTTP status.</param>
    /// <param name="Body">The answer.</param>
    public sealed record Answered(HttpStatusCode Status, byte[] Body) : ApiOutcome;

    /// <summary>The server refuses, and would refuse again.</summary>
    /// <param name="Status">The HTTP status.</param>
    /// <param name="Code">The problem's stable code; <c>http_…</c> where the answer is no problem.</param>
    /// <param name="Message">What is wrong, for a person.</param>
    public sealed record Refused(HttpStatusCode Status, string Code, string Message) : ApiOutcome;

    /// <summary>The server stayed busy or away until the patience ended.</summary>
    /// <param name="Message">What it last said, or why it could not be reached.</param>
    public sealed record Unavailable(string Message) : ApiOutcome;
}
