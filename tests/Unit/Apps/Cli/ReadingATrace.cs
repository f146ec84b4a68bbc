using System.Text;
using Quoin.Cli;

namespace Quoin.Tests.Unit.Apps.Cli;

public sealed class ReadingATrace
{
    private const string Heading = "TIMESTAMP,ContextTokens,GeneratedTokens\n";

    [Fact]
    public void Keeps_each_time_to_its_hundred_nanoseconds()
    {
        var trace = Read(Heading + "2023-11-16 18:17:03.9799601,4808,10\n2023-11-16 18:17:04,3180,8");

        trace.Rows.ShouldBe(
        [
            new TraceRow(2, new DateTimeOffset(2023, 11, 16, 18, 17, 3, TimeSpan.Zero).AddTicks(9_799_601), 4808, 10),
            new TraceRow(3, new DateTimeOffset(2023, 11, 16, 18, 17, 4, TimeSpan.Zero), 3180, 8),
        ]);
        trace.FaultCount.ShouldBe(0);
    }

    [Fact]
    public void Finds_the_columns_by_their_names()
    {
        var trace = Read("Model,GeneratedTokens,TIMESTAMP,ContextTokens\nx,10,2023-11-16 18:17:03.9,4808\n");

        trace.Rows.ShouldHaveSingleItem().InputTokens.ShouldBe(4808);
    }

    [Fact]
    public void Passes_over_empty_lines_but_counts_them()
    {
        var trace = Read(Heading + "\n2023-11-16 18:17:03,1,2\r\n\r\n2023-11-16 18:17:04,3,4\r\n");

        trace.Rows.Select(row => row.Line).ShouldBe([3, 5]);
        trace.FaultCount.ShouldBe(0);
    }

    [Theory]
    [InlineData("2023-11-16T18:17:03,1,2", "TIMESTAMP '2023-11-16T18:17:03' is no time")]
    [InlineData("yesterday,1,2", "TIMESTAMP 'yesterday' is no time")]
    [InlineData("2023-11-16 18:17:03,-1,2", "ContextTokens '-1' is no whole number")]
    [InlineData("2023-11-16 18:17:03,1,2.5", "GeneratedTokens '2.5' is no whole number")]
    [InlineData("2023-11-16 18:17:03,1,99999999999999999999", "GeneratedTokens '99999999999999999999' is no whole number")]
    [InlineData("2023-11-16 18:17:03,1", "the row has 2 fields, the heading 3")]
    [InlineData("2023-11-16 18:17:03,1,2,3", "the row has 4 fields, the heading 3")]
    [InlineData("2023-11-16 18:17:03,\"1,2", "the row has 2 fields, the heading 3")]
    public void Names_a_malformed_row_by_its_line(string malformed, string reason)
    {
        var trace = Read(Heading + "2023-11-16 18:17:03,1,2\n" + malformed + "\n2023-11-16 18:17:05,3,4\n");

        trace.Faults.ShouldHaveSingleItem().Line.ShouldBe(3);
        trace.Faults[0].Reason.ShouldStartWith(reason);
        trace.Rows.Select(row => row.Line).ShouldBe([2, 4]);
    }

    [Fact]
    public void Shows_the_first_faults_and_counts_all()
    {
        var trace = Read(Heading + string.Concat(Enumerable.Repeat("nonsense,1,2\n", 100)));

        trace.FaultCount.ShouldBe(100);
        trace.Faults.Count.ShouldBe(Limits.FaultsShownMax);
    }

    [Theory]
    [InlineData("")]
    [InlineData("TIMESTAMP,ContextTokens\n2023-11-16 18:17:03,1\n")]
    [InlineData("2023-11-16 18:17:03,1,2\n")]
    public void Refuses_a_file_that_does_not_name_the_columns(string content) =>
        Should.Throw<InvalidDataException>(() => Read(content)).Message.ShouldContain("must name the columns");

    [Fact]
    public void Gives_each_row_an_id_of_its_own_that_stays_the_same()
    {
        var content = Heading + "2023-11-16 18:17:03,1,2\n2023-11-16 18:17:03,1,2\n";

        var (first, second) = (Read(content), Read(content));

        first.EventIdOf(first.Rows[0]).ShouldBe(second.EventIdOf(second.Rows[0]));
        first.EventIdOf(first.Rows[0]).ShouldNotBe(first.EventIdOf(first.Rows[1]));
        first.EventIdOf(first.Rows[0]).ShouldMatch("^[0-9a-f]{16}-2$");
    }

    [Fact]
    public void Gives_the_rows_of_another_file_other_ids()
    {
        var one = Read(Heading + "2023-11-16 18:17:03,1,2\n2023-11-16 18:17:04,1,2");
        var other = Read(Heading + "2023-11-16 18:17:03,1,2\n2023-11-16 18:17:04,1,3");

        one.EventIdOf(one.Rows[0]).ShouldNotBe(other.EventIdOf(other.Rows[0]));
    }

    private static AzureTrace Read(string content) => AzureTrace.Read(new MemoryStream(Encoding.UTF8.GetBytes(content)));
}
