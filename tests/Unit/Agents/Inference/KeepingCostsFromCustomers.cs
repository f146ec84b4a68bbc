using System.Text;
using System.Text.Json.Nodes;
using Quoin.Inference;

namespace Quoin.Tests.Unit.Agents.Inference;

/// <summary>What a vendor says that a call cost goes to no customer, and all else does.</summary>
public sealed class KeepingCostsFromCustomers
{
    [Theory]
    [InlineData("""{"usage":{"cost":0.00123,"prompt_tokens":7}}""", """{"usage":{"prompt_tokens":7}}""")]
    [InlineData("""{"usage":{"prompt_tokens":7,"cost":0.00123}}""", """{"usage":{"prompt_tokens":7}}""")]
    [InlineData(
        """{"usage": {"a":1, "cost" : 1, "cost_details":{"upstream_inference_cost":2,"x":[1]}, "b":{"c":2} ,"estimated_cost":1} }""",
        """{"usage":{"a":1,"b":{"c":2}}}""")]
    [InlineData("""{"usage":{"cost":1,"cost_in_usd_ticks":2}}""", """{"usage":{}}""")]
    [InlineData(
        """{"type":"response.completed","response":{"usage":{"cost":1,"input_tokens":1}}}""",
        """{"type":"response.completed","response":{"usage":{"input_tokens":1}}}""")]
    [InlineData("""{"usage":null,"note":"cost"}""", """{"usage":null,"note":"cost"}""")]
    public void Costs_are_taken_out_of_the_usage(string told, string passedOn)
    {
        var without = ToldCosts.Without(Encoding.UTF8.GetBytes(told));

        without.Length.ShouldBe(told.Length);
        JsonNode.DeepEquals(JsonNode.Parse(without.Span), JsonNode.Parse(passedOn))
            .ShouldBeTrue(Encoding.UTF8.GetString(without.Span));
    }

    [Theory]
    [InlineData("""{"choices":[{"message":{"content":"the cost","usage":{"cost":1}}}],"cost":2}""")]
    [InlineData("""{"usage":{"prompt_tokens":7}}""")]
    [InlineData("""{"usage":{"cost":1""")]
    [InlineData("cost")]
    public void All_else_stays_as_it_came(string told)
    {
        var bytes = Encoding.UTF8.GetBytes(told);

        ToldCosts.Without(bytes).ShouldBe(bytes);
    }
}
