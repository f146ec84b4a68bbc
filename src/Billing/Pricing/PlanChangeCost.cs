using Quoin.Kernel;

namespace Quoin.Pricing;

/// <summary>What a change of plan moves within a billing period, prorated by the second. Pure.</summary>
/// <param name="Credit">What of the old fee goes back; not positive.</param>
/// <param name="Charge">What of the new fee is due.</param>
public sealed record PlanChangeCost(Money Credit, Money Charge)
{
    /// <summary>What the customer pays for the rest of the period; negative goes back.</summary>
    public Money Net => Credit + Charge;

    /// <summary>The part of a period's fee that falls on its end, from an instant on; half-up to micros.</summary>
    /// <param name="fee">The fee of a whole month.</param>
    /// <param name="period">The period, cut or not.</param>
    /// <param name="month">The whole month the fee is for.</param>
    /// <param name="from">Since when within the period.</param>
    public static Money Part(Money fee, Period period, Period month, DateTimeOffset from)
    {
        var start = from > period.Start ? from : period.Start;
        var held = ExactFraction.Of(Math.Max((period.End - start).Ticks, 0), (month.End - month.Start).Ticks);
        var micros = Rounding.HalfUpToMicros(held * fee.Micros / Money.MicrosPerUnit);
        return fee with { Micros = micros ?? throw new OverflowException("A part of a fee is larger than a fee may be.") };
    }

    /// <summary>What it moves when one plan takes the place of another.</summary>
    /// <param name="before">The fee of a month until then.</param>
    /// <param name="after">The fee of a month from then on.</param>
    /// <param name="period">The billing period, a whole month.</param>
    /// <param name="at">When.</param>
    public static PlanChangeCost Of(Money before, Money after, Period period, DateTimeOffset at) => new(
        -Part(before, period, period, at),
        Part(after, period, period, at));
}
