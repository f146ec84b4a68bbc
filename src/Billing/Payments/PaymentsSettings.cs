using System.Globalization;

namespace Quoin.Payments;

/// <summary>Reads what an operator sets of payments.</summary>
public static class PaymentsSettings
{
    private const string Prefix = "QUOIN_PAYMENTS_";
    private const int DaySeconds = 86_400;

    /// <summary>
    /// Reads from variables, all of them with the prefix <c>QUOIN_PAYMENTS_</c>: <c>REFUND_ALONE_MICROS</c> (what an operator
    /// gives back alone), <c>DISPUTED_MICROS</c> (what may be disputed before the organisation stands as past due),
    /// <c>PAST_DUE_GRACE_HOURS</c>, <c>CANCELED</c> (<c>blocks</c> or <c>keeps</c> what an organisation may use),
    /// <c>EVIDENCE_HOURS</c> (how early a deadline is told), <c>CLEARING_SECONDS</c>, <c>KEEP_DAYS</c> (news and finished
    /// requests), <c>LEASE_SECONDS</c> and <c>LOOP_SECONDS</c> (shorten leases and every loop).
    /// </summary>
    /// <param name="variable">A variable's value; null where it is not set.</param>
    /// <param name="wrong">What cannot be, naming the variable; null when all can.</param>
    /// <returns>Null when something is wrong.</returns>
    public static PaymentsOptions? Read(Func<string, string?> variable, out string? wrong)
    {
        ArgumentNullException.ThrowIfNull(variable);
        string? first = null;
        var defaults = new PaymentsOptions();
        var kept = Days("KEEP_DAYS", 3_650);
        var options = defaults with
        {
            RefundAloneMicrosMax = Number("REFUND_ALONE_MICROS", 0, long.MaxValue) ?? defaults.RefundAloneMicrosMax,
            DisputedMicrosMax = Number("DISPUTED_MICROS", 0, long.MaxValue) ?? defaults.DisputedMicrosMax,
            PastDueGrace = Hours("PAST_DUE_GRACE_HOURS", 0, 90 * 24) ?? defaults.PastDueGrace,
            CanceledBlocks = Canceled() ?? defaults.CanceledBlocks,
            EvidenceNear = Hours("EVIDENCE_HOURS", 1, 90 * 24) ?? defaults.EvidenceNear,
            ClearingEvery = Seconds("CLEARING_SECONDS") ?? defaults.ClearingEvery,
            NewsKeptFor = kept ?? defaults.NewsKeptFor,
            RequestsKeptFor = kept ?? defaults.RequestsKeptFor,
        };
        options = options.Hurried(Seconds("LEASE_SECONDS"), Seconds("LOOP_SECONDS"));
        wrong = first;
        return wrong is null ? options : null;

        TimeSpan? Seconds(string name) => Number(name, 1, DaySeconds) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

        TimeSpan? Hours(string name, long least, long most) =>
            Number(name, least, most) is { } hours ? TimeSpan.FromHours(hours) : null;

        TimeSpan? Days(string name, long most) => Number(name, 1, most) is { } days ? TimeSpan.FromDays(days) : null;

        bool? Canceled()
        {
            var text = variable(Prefix + "CANCELED");
            first ??= text is null or "blocks" or "keeps" ? null : $"{Prefix}CANCELED is '{text}'; it takes blocks or keeps";
            return text is null ? null : text == "blocks";
        }

        long? Number(string name, long least, long most)
        {
            if (variable(Prefix + name) is not { } text)
            {
                return null;
            }

            if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && number >= least && number <= most)
            {
                return number;
            }

            first ??= string.Create(CultureInfo.InvariantCulture, $"{Prefix}{name} is '{text}'; it takes {least} to {most}");
            return null;
        }
    }
}
