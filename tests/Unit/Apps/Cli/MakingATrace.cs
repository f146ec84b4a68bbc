using System.Text;
using Quoin.Cli;

namespace Quoin.Tests.Unit.Apps.Cli;

public sealed class MakingATrace
{
    [Fact]
    public void Makes_the_same_from_the_same_seed()
    {
        TraceMaker.Rows(500, 7).ShouldBe(TraceMaker.Rows(500, 7));
        TraceMaker.Rows(500, 7).ShouldNotBe(TraceMaker.Rows(500, 8));
    }

    [Fact]
    public void Writes_what_a_replay_reads()
    {
        var rows = TraceMaker.Rows(1_000, 7).ToArray();
        var text = new StringWriter();

        TraceMaker.Write(text, rows);
        var trace = AzureTrace.Read(new MemoryStream(Encoding.UTF8.GetBytes(text.ToString())));

        trace.FaultCount.ShouldBe(0);
        trace.Rows.ShouldBe(rows);
    }

    [Fact]
    public void Has_the_shape_of_real_ones()
    {
        var rows = TraceMaker.Rows(20_000, 7).ToArray();
        var prompts = rows.Select(row => row.InputTokens).Order().ToArray();
        var answers = rows.Select(row => row.OutputTokens).Order().ToArray();

        prompts[10_000].ShouldBeInRange(1_300, 1_700);
        answers[10_000].ShouldBeInRange(11, 17);
        prompts.Average().ShouldBeGreaterThan(prompts[10_000]);
        answers.Average().ShouldBeGreaterThan(answers[10_000]);
        prompts[^1].ShouldBeLessThan(8_000);
    }

    [Fact]
    public void Arrives_in_order_and_in_bursts()
    {
        var rows = TraceMaker.Rows(20_000, 7).ToArray();
        var perSecond = rows.CountBy(row => row.Time.UtcTicks / TimeSpan.TicksPerSecond).Select(second => (double)second.Value).ToArray();
        var mean = perSecond.Average();
        var variance = perSecond.Average(count => (count - mean) * (count - mean));

        rows.Zip(rows.Skip(1)).ShouldAllBe(pair => pair.First.Time <= pair.Second.Time);

        // Calls that come independently of each other would have a variance near the mean.
        variance.ShouldBeGreaterThan(2 * mean);
    }
}
