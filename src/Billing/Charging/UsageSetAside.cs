using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Charging;

/// <summary>
/// News: usage was set aside because it could not be rated. Told once a day for each account, meter and reason, in the
/// transaction that sets it aside.
/// </summary>
/// <param name="BillingAccount">Whose usage.</param>
/// <param name="Meter">The meter's key, or the id of one that is not known.</param>
/// <param name="Reason"><c>no_price</c>, <c>overflow</c>, <c>unsupported</c> or <c>failed</c>.</param>
/// <param name="EventCount">How many events this step set aside.</param>
/// <param name="Since">When the oldest of them was recorded.</param>
public sealed record UsageSetAside(
    BillingAccountId BillingAccount, string Meter, string Reason, long EventCount, DateTimeOffset Since) : IOutboxEvent
{
    /// <inheritdoc />
    public static string Topic => "charging.usage_set_aside";
}
