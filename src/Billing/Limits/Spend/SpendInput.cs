using System.Text;
using Quoin.Kernel;

namespace Quoin.Limiting.Internal;

/// <summary>What is asked of the door must be; what is not is a bug of the caller and would poison its group.</summary>
internal static class SpendInput
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static void Require(SpendRequest request)
    {
        RequireKey(request.Key);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.Most.Micros, nameof(request));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(request.Most.Micros, Limits.BudgetMicrosMax, nameof(request));
        if (request.Least is { } least)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(least.Micros, nameof(request));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(least, request.Most, nameof(request));
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(request.Scopes.Count, Limits.ScopesMax, nameof(request));
        foreach (var scope in request.Scopes)
        {
            RequireScope(scope);
        }

        RequireHeldFor(request.HeldFor);
        RequireText(request.Reference, Limits.SpendReferenceLettersMax);
        RequireDetails(request.Details);
    }

    public static void RequireCurrency(SpendRequest request, Currency currency)
    {
        if (request.Most.Currency != currency)
        {
            throw new ArgumentException($"{request.BillingAccount} is billed in {currency}, not {request.Most.Currency}.");
        }
    }

    public static void RequireScope(SpendScope scope)
    {
        RequireText(scope.Kind, Limits.ScopeKindLettersMax);
        RequireText(scope.Id, Limits.ScopeIdLettersMax);
    }

    public static void RequireKey(string key) => RequireText(key, Limits.KeyLettersMax - Limits.HoldKeyPrefix.Length);

    public static void RequireHeldFor(TimeSpan heldFor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(heldFor, Limits.HeldShortest);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(heldFor, Limits.SpendHeldLongest);
    }

    public static void RequireDetails(string? details)
    {
        if (details is not null)
        {
            RequireText(details, Limits.SpendDetailsLettersMax);
        }
    }

    /// <summary>What a quoted cost counts as: not below nothing, which a price that falls with volume may quote.</summary>
    public static decimal Quoted(decimal micros)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(micros, Limits.BudgetMicrosMax);
        return Math.Max(0, decimal.Round(micros, Limits.QuotedScaleMax, MidpointRounding.ToPositiveInfinity));
    }

    /// <summary>As PostgreSQL keeps it: windows that begin at what is written are found again by what is read.</summary>
    public static DateTimeOffset Whole(DateTimeOffset instant) =>
        instant.AddTicks(-(instant.Ticks % TimeSpan.TicksPerMicrosecond));

    private static void RequireText(string text, int lettersMax)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(text.Length, lettersMax, nameof(text));
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException("NUL is no text to PostgreSQL.", nameof(text));
        }

        // Half of a surrogate pair is none to UTF-8: it throws here, not in the driver with all that is in the group.
        Strict.GetByteCount(text);
    }
}
