using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Quoin.Accounts;

/// <summary>How somebody proved who they are when their session began.</summary>
internal enum SessionMethod
{
    /// <summary>A link made on the machine Quoin runs on, or mailed.</summary>
    Link,

    /// <summary>A password.</summary>
    Password,

    /// <summary>A passkey whose device made sure of the person: it counts as both factors.</summary>
    Passkey,

    /// <summary>Another service that vouches for them.</summary>
    Oidc,

    /// <summary>A wallet's signature.</summary>
    Wallet,

    /// <summary>A device approved by somebody who was signed in: it counts as both factors, as theirs did.</summary>
    Device,
}

/// <summary>From where a session was begun, for the list in which a person looks for strangers.</summary>
/// <param name="Ip">The visitor's address; null when unknown.</param>
/// <param name="UserAgent">What the browser calls itself, cut to what is kept; null when it says nothing.</param>
/// <param name="Replaces">The session the visitor has in this browser already, which ends; null for none.</param>
internal sealed record SessionFacts(string? Ip, string? UserAgent, SignInSessionId? Replaces)
{
    public static SessionFacts Of(HttpContext context)
    {
        var agent = context.Request.Headers.UserAgent.ToString();
        return new SessionFacts(
            context.Connection.RemoteIpAddress?.ToString(),
            agent.Length switch
            {
                0 => null,
                > Limits.UserAgentLettersMax => agent[..Limits.UserAgentLettersMax],
                _ => agent,
            },
            context.RequestServices.GetRequiredService<SessionCookie>().Read(context.Request));
    }
}

/// <summary>Every way letting somebody in can end once they proved who they are.</summary>
internal abstract record SessionStart
{
    private SessionStart()
    {
    }

    /// <summary>They are shut out; say no more than that they should ask whoever runs this Quoin.</summary>
    public sealed record ShutOut : SessionStart;

    /// <summary>They are not in yet: a code is owed.</summary>
    /// <param name="Ticket">Names who owes it, for as long as <see cref="Limits.SecondFactorTicketLifetime"/>.</param>
    public sealed record SecondFactorNeeded(SecondFactorTicketId Ticket) : SessionStart;

    /// <summary>They are in.</summary>
    public sealed record Started(SignInSessionId Session) : SessionStart;
}
