namespace Quoin.Cli;

/// <summary>Waits until what was sent has become money, and says how much.</summary>
internal static class Settling
{
    /// <summary>What all billing accounts of the organisation have used, by currency.</summary>
    public static async Task<IReadOnlyDictionary<string, long>> Used(ApiClient api, CancellationToken cancellationToken)
    {
        var balances = await api.Get<PageAnswer<BalanceAnswer>>("/v1/balance", cancellationToken);
        return balances.Data
            .GroupBy(balance => balance.Used.Currency)
            .ToDictionary(group => group.Key, group => group.Sum(balance => balance.Used.AmountMicros));
    }

    /// <summary>Waits until no stored usage of the organisation waits to be rated.</summary>
    /// <returns>Whether it came to that within the patience.</returns>
    public static async Task<bool> Wait(ApiClient api, TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (time.GetElapsedTime(started) < Limits.SettlePatience)
        {
            var unrated = await api.Get<UnratedAnswer>("/v1/unrated-usage", cancellationToken);
            if (unrated.FoldCount == 0)
            {
                return true;
            }

            await Task.Delay(Limits.SettlePoll, time, cancellationToken);
        }

        return false;
    }
}
