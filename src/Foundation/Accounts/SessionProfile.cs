namespace Quoin.Accounts;

/// <summary>A session of a person, as they see it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="IsThisOne">Whether the request that asks is sent with it.</param>
/// <param name="Method">How it began: <c>link</c>, <c>password</c>, <c>passkey</c>, <c>oidc</c>, <c>wallet</c> or <c>device</c>.</param>
/// <param name="SecondFactorAt">When a second factor was given; null where none was asked.</param>
/// <param name="Ip">From where it began; null when unknown.</param>
/// <param name="UserAgent">What the browser called itself; null when it said nothing.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="LastSeenAt">When it was last used, to the minute.</param>
/// <param name="ExpiresAt">When it ends without further use.</param>
public sealed record SessionProfile(
    SignInSessionId Id,
    bool IsThisOne,
    string Method,
    DateTimeOffset? SecondFactorAt,
    string? Ip,
    string? UserAgent,
    DateTimeOffset StartedAt,
    DateTimeOffset LastSeenAt,
    DateTimeOffset ExpiresAt);
